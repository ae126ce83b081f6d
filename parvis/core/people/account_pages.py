"""Pages outside every network (doors, addresses, second steps): which network they speak for, in whose language."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject

from parvis.core.people.doors import next_of
from parvis.core.people.models import Account, Person
from parvis.core.people.queries import system_has_own_code, system_network_of_door, system_persons_of
from parvis.core.people.tablet import SHARED


def speak_to(request: HttpRequest) -> None:
    """Turn to the language and the zone of whoever is signed in, for an address outside every network.  Queries: 1."""
    person = next(iter(_persons(request)), None)
    if person is None:
        return
    language = person.language or person.network.language
    translation.activate(language)
    request.LANGUAGE_CODE = language
    timezone.activate(person.zone or person.network.zone)


def keep_language(request: HttpRequest, response: HttpResponse) -> None:
    """Let the sign-in page of this browser go on in the language of who was signed in; nothing stays on a shared tablet."""
    known = getattr(request, "persons_behind", None)
    if not known or SHARED in request.session:
        return
    language = known[0].language or known[0].network.language
    if request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME) != language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, httponly=True, secure=settings.IS_SECURE, samesite="Lax"
        )


def account_context(request: HttpRequest) -> dict[str, Any]:
    """`network`, `home_url`, `settings_url` and `code_url` of these pages, asked for only when a template reads them.

    The network is that of the one person whom the account has; before signing in, that of the way one is on, or the only
    one. Of somebody with several there is none, and the page says Parvis.  Queries: 1 each.
    """
    persons = _persons(request)
    if persons:
        network = persons[0].network if len(persons) == 1 else None
        home = reverse("home", args=[network.slug]) if network else "/"
        return {
            "network": network,
            "home_url": home,
            "settings_url": reverse("profile", args=[network.slug]) if network else "/",
            "code_url": SimpleLazyObject(lambda: code_url(persons[0])) if network else "",
        }
    return {"network": SimpleLazyObject(lambda: system_network_of_door(next_of(request)))}


def code_url(person: Person) -> str:
    """Where a person without e-mail changes the code of their own; '' for others.  Queries: 1."""
    return reverse("change_code", args=[person.network.slug]) if system_has_own_code(person) else ""


def _persons(request: HttpRequest) -> list[Person]:
    """The persons of whoever is signed in, asked for once a request."""
    if not hasattr(request, "persons_behind"):
        account = getattr(request, "user", None)
        found = system_persons_of(account) if isinstance(account, Account) else []
        request.persons_behind = found  # type: ignore[attr-defined]
    return request.persons_behind  # type: ignore[attr-defined, no-any-return]
