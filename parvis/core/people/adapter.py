"""allauth's hooks: where its pages meet networks and persons."""

from __future__ import annotations

from typing import ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from parvis.core.people.actions.entry import account_of_address, drop_unproven, enter_by_address
from parvis.core.people.actions.sessions import drop_session_rows
from parvis.core.people.limits import client_address, too_many
from parvis.core.people.models import Account

NAME_IN_SESSION = "sign_up_name"


class SecondStep(AuthenticateStage):
    """The second step of those who have one; a passkey beside a personnel number's code is not one, but another way in.

    On a shared tablet the key of one's own telephone is out of reach.
    """

    def _should_handle(self, request: HttpRequest) -> bool:
        records = get_authentication_records(request, self.login.user)
        by_code = bool(records) and records[-1]["method"] == "code"
        if by_code and not is_mfa_enabled(self.login.user, [Authenticator.Type.TOTP]):
            return False
        return bool(super()._should_handle(request))


class Adapter(DefaultAccountAdapter):
    """Verified addresses open networks; too many failures answer 429; errors say what to do."""

    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed. An administrator of your network can help."),
        "cannot_remove_primary_email": _("The main address cannot be removed: choose another main one first."),
        "duplicate_email": _("This address is yours already."),
        "email_password_mismatch": _(
            "This address and this password do not go together. Please try again, or ask for a link by mail."
        ),
        "email_taken": _("This address belongs to another account."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_code": _("This is not the code. Please look again at the last mail or at the app."),
        "incorrect_password": _("This is not your password. Please try again."),
        "same_as_current": _("This is the one that you have already."),
        "rate_limited": _("That is many requests in a short time. Please wait a few minutes."),
    }

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        if not super().confirm_email(request, email_address):
            return False
        drop_unproven(email_address.email, but=email_address.user)
        name = request.session.pop(NAME_IN_SESSION, "")
        enter_by_address(email_address.user, email_address.email, name, timezone.now())
        return True

    def send_account_already_exists_mail(self, email: str) -> None:
        """To those who have an account; an address that may not sign up gets nothing at all."""
        if account_of_address(email) is not None:
            super().send_account_already_exists_mail(email)

    def set_password(self, user: Account, password: str) -> None:
        super().set_password(user, password)
        drop_session_rows(user, but=self.request.session.session_key or "")

    def pre_authenticate(self, request: HttpRequest, **credentials: str) -> None:
        who = credentials.get("email", "").casefold()
        usage = ratelimit.consume(request, app="allauth.account", action="login_failed", key=who)
        self._login_failed_rl_usage = usage
        if not usage:
            raise ImmediateHttpResponse(too_many(request))

    def authentication_failed(self, request: HttpRequest, **credentials: str) -> None:
        if account_of_address(credentials.get("email", "")) is None and not getattr(request, "axes_locked_out", False):
            make_password(credentials.get("password", ""))  # as long as checking a real one takes

    def get_login_stages(self) -> list[str]:
        ours = "parvis.core.people.adapter.SecondStep"
        return [ours if name.endswith(".mfa.stages.AuthenticateStage") else name for name in super().get_login_stages()]

    def get_reauthentication_methods(self, user: Account) -> list[dict[str, str]]:
        words = {
            "account_reauthenticate": _("Use my password"),
            "mfa_reauthenticate": _("Use the authenticator app"),
            "mfa_reauthenticate_webauthn": _("Use a passkey"),
        }
        by_url = {reverse(name): told for name, told in words.items()}
        methods = super().get_reauthentication_methods(user)
        if (
            user.is_authenticated and not user.email
        ):  # recovery codes would be their only ones, and nobody gave them any
            methods = [method for method in methods if method["id"] != "mfa_reauthenticate"]
        return [{**method, "description": str(by_url.get(method["url"], method["description"]))} for method in methods]

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)
