"""Signing in with a personnel number and a code, as one of Django's ways to authenticate: so that axes counts it too."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone

from parvis.core.people.actions.letters import person_with_code
from parvis.core.people.models import Account, Person


class Entered:
    """Whom a code let in, who may have no account so far. Not itself what signs in."""

    def __init__(self, person: Person, by_letter: bool) -> None:
        self.person = person
        self.by_letter = by_letter


class CodeBackend:
    """`authenticate(request, network=slug, personnel_number=…, code=…)`: an `Entered`, or None."""

    def authenticate(
        self, request: HttpRequest | None, network: str = "", personnel_number: str = "", code: str = ""
    ) -> Entered | None:
        if not (network and personnel_number and code):
            return None
        found = person_with_code(network, personnel_number, code, timezone.now())
        return Entered(*found) if found is not None else None

    def get_user(self, pk: int) -> Account | None:
        return Account.objects.filter(pk=pk, is_active=True).first()
