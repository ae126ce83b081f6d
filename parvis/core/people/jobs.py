"""Mails of the doors. Their links are made here and kept nowhere."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from parvis.core.mail.actions import render, send_now
from parvis.core.people.actions.entry import account_of_address, make_link_token, system_may_sign_up
from parvis.core.people.actions.invitations import system_new_secret
from parvis.core.runtime.jobs import job


@job("people.mail_link", retries=3)
def mail_link(email: str, next_url: str, language: str, key: str) -> None:
    """A link that signs in; to an address that has no account but may open one, how to; to any other, nothing."""
    now = timezone.now()
    account = account_of_address(email)
    if account is not None:
        url = settings.ORIGIN + reverse("sign_in_link_use", args=[make_link_token(account)])
        if next_url:
            url += "?" + urlencode({"next": next_url})
        template = "people/mail/link"
    elif system_may_sign_up(email, now):
        url, template = settings.ORIGIN + reverse("account_signup"), "people/mail/no_account"
    else:
        return
    with translation.override(language):
        subject = _("Your link to sign in") if account is not None else _("Open your account")
    send_now(render(email, subject, template, {"url": url}, language=language), now, key=f"link:{key}")


@job("people.mail_invitation", retries=7)
def mail_invitation(key: str) -> None:
    """An invitation, with a link of its own; nothing once it was accepted, taken back or is too old."""
    now = timezone.now()
    found = system_new_secret(key, now)
    if found is None:
        return
    invitation, secret = found
    network = invitation.network
    context = {
        "url": settings.ORIGIN + reverse("invitation", args=[secret]),
        "inviter": invitation.inviter.name,
        "network": network,
        "expires_at": invitation.expires_at,
    }
    with translation.override(network.language):
        subject = _("%(inviter)s invites you to %(network)s") % {
            "inviter": invitation.inviter.name,
            "network": network.name,
        }
    mail = render(invitation.email, subject, "people/mail/invitation", context, language=network.language)
    send_now(mail, now, key=f"invitation:{key}:{invitation.sent_at:%Y%m%d%H%M%S}:{secret[:8]}")
