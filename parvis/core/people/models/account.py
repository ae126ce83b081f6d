"""Accounts: what signs in. One account has one person in each network that it belongs to."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from parvis.core.runtime.keys import new_key


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, email: str | None = None, password: str | None = None, **fields: Any) -> "Account":
        """A new account. `email` is None for people without one; no password means that none is usable."""
        account = self.model(email=self.normalize_email(email) or None, **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(key=username)


class Account(AbstractBaseUser):
    """A login. Rights are never read from it: they come from its person's memberships."""

    key = models.CharField(max_length=12, unique=True, default=new_key, editable=False)
    email = models.EmailField(null=True, blank=True, db_index=True)  # its verified addresses are allauth's rows
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
    session_epoch = models.PositiveIntegerField(default=0)  # sessions of an earlier one are over

    objects = AccountManager()
    USERNAME_FIELD = "key"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    def __str__(self) -> str:
        return self.key

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # What Django compares with the session at each request: the password, and here the epoch too.
        salt = "parvis.core.people.Account.session"
        return salted_hmac(salt, f"{self.session_epoch}:{self.password}", secret=secret, algorithm="sha256").hexdigest()
