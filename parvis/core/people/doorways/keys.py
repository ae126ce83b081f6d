"""Passkeys of people without e-mail."""

from __future__ import annotations

from allauth.mfa.webauthn.views import AddWebAuthnView
from django.urls import reverse


class AddPasskey(AddWebAuthnView):
    """allauth's page. It makes recovery codes with a first key, which who signs in with a code has no use for: the desk
    helps them."""

    def get_success_url(self) -> str:
        if not self.request.user.email:
            return reverse("mfa_list_webauthn")
        url: str = super().get_success_url()
        return url
