"""Secrets of second steps (one-time passwords, recovery codes), encrypted where they are stored.

The key is made from the installation's secret key, which is neither in the database nor in a backup. A passkey's row
holds a public key only.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import secrets
from typing import ClassVar

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.translation import gettext_lazy as _

MARK = "fernet:"
logger = logging.getLogger("parvis.people")


class SecondStepAdapter(DefaultMFAAdapter):
    """allauth's hooks: what it stores goes through these two. Errors say what to do."""

    error_messages: ClassVar = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This is not the code of the moment. Please enter the one that the app shows now."),
        "unverified_email": _("Confirm your addresses first, then turn on the second step."),
        "add_email_blocked": _("Turn off the second step before you add an address."),
        "cannot_generate_recovery_codes": _("Turn on the second step first: recovery codes go with it."),
    }

    def encrypt(self, text: str) -> str:
        return MARK + _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What was stored before there was encryption is returned as it is. Under another key: a secret that nobody knows,
        so that every code is refused in the usual words."""
        if not encrypted_text.startswith(MARK):
            return encrypted_text
        try:
            return _box().decrypt(encrypted_text.removeprefix(MARK)).decode()
        except InvalidToken:
            logger.error("a second step was stored under another secret key: it opens nothing until it is set up anew")
            return base64.b32encode(secrets.token_bytes(20)).decode()


def _box() -> Fernet:
    key = hmac.digest(settings.SECRET_KEY.encode(), b"parvis.people.second_steps", hashlib.sha256)
    return Fernet(base64.urlsafe_b64encode(key))
