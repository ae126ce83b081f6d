"""People without e-mail: letters with a one-time code, printed at the desk, and the code that they choose then."""

from __future__ import annotations

import dataclasses
import datetime as dt
import secrets
from collections.abc import Sequence
from itertools import pairwise

from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from parvis.core.items.access import Act, Forbidden, require
from parvis.core.items.log import record
from parvis.core.items.models import Verb
from parvis.core.people.access import require_person
from parvis.core.people.actions.people import count_members
from parvis.core.people.actions.sessions import end_sessions
from parvis.core.people.models import Account, Letter, OwnCode, Person, PersonKind, PersonState
from parvis.core.people.viewer import Viewer

LETTER_LASTS = dt.timedelta(days=14)
SHORTEST = 6  # characters of a code of one's own
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no 0, O, 1, I
LENGTH = 10  # 50 bits, against a door that counts failures


@dataclasses.dataclass(frozen=True, slots=True)
class Printed:
    """A letter as it is printed: the only time that its code can be read."""

    person: Person
    code: str
    expires_at: dt.datetime


def folded_code(text: str) -> str:
    """A one-time code as typed, without spaces and dashes, in capitals."""
    return "".join(text.split()).replace("-", "").upper()


@transaction.atomic
def make_letters(viewer: Viewer, people: Sequence[Person]) -> list[Printed]:
    """A new letter for each person; their former letter, their own code and their sessions end.

    For the desk and administrators; only for whom `may_have_letter` says so.  Raises Forbidden.
    """
    require(viewer, Act.HAND_OUT_CODES)
    if viewer.person is None or any(not may_have_letter(viewer, p) for p in people):
        raise Forbidden("letter")
    printed = []
    for person in people:
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        expires_at = viewer.now + LETTER_LASTS
        OwnCode.objects.filter(person=person).delete()
        values = {
            "code": make_password(code), "maker": viewer.person, "made_at": viewer.now, "expires_at": expires_at, "used_at": None
        }  # fmt: skip
        Letter.objects.update_or_create(person=person, defaults=values)
        if person.account is not None:
            end_sessions(person.account)
        record(viewer.person, Verb.INVITE, at=viewer.now, target=person)
        printed.append(Printed(person, f"{code[:5]}-{code[5:]}", expires_at))
    return printed


def may_have_letter(viewer: Viewer, person: Person) -> bool:
    """Whether a letter may be printed for somebody: a member with a personnel number and no e-mail address, who does not
    administer. Whoever prints a letter could sign in with it: those who have another way in need none.  Queries: 1.
    """
    if person.network_id != viewer.network.pk or person.kind != PersonKind.MEMBER or not person.personnel_number:
        return False
    if person.state not in (PersonState.ACTIVE, PersonState.PLACEHOLDER):
        return False
    return not _has_another_way(person.pk, viewer.now)


def _has_another_way(person_id: int, now: dt.datetime) -> bool:
    rows = Person.objects.with_ways_in(now).filter(pk=person_id)
    return rows.filter(Q(has_address=True) | Q(administers=True)).exists()


def person_with_code(
    network_slug: str, personnel_number: str, code: str, now: dt.datetime
) -> tuple[Person, bool] | None:
    """Who signs in with this personnel number and code, and whether by a letter; None for nobody.

    Takes the same time whether the number exists or not: two hashes are always checked.  Queries: 1.
    """
    rows = Person.objects.select_related("account", "network", "letter", "own_code").filter(
        network__slug=network_slug, personnel_number=personnel_number.strip(), kind=PersonKind.MEMBER
    )
    person = rows.filter(state__in=[PersonState.ACTIVE, PersonState.PLACEHOLDER]).first()
    own: OwnCode | None = getattr(person, "own_code", None)
    letter: Letter | None = getattr(person, "letter", None)
    if letter is not None and (letter.used_at is not None or letter.expires_at <= now):
        letter = None
    is_own = check_password(code, own.code if own else _decoy())
    is_letter = check_password(folded_code(code), letter.code if letter else _decoy())
    if person is None or (person.account is not None and not person.account.is_active):
        return None
    if own is not None and is_own and person.account is not None:
        return person, False
    if letter is not None and is_letter:
        return person, True
    return None


_decoys: list[str] = []


def _decoy() -> str:
    """The hash of a code that nobody has, so that checking nothing takes as long as checking something."""
    if not _decoys:
        _decoys.append(make_password(secrets.token_urlsafe()))
    return _decoys[0]


def check_own_code(code: str, person: Person) -> None:
    """Raises ValidationError for a code that is too short or that anybody would try first."""
    plain = code.casefold()
    if len(code) < SHORTEST:
        raise ValidationError(_("At least %(n)s characters, please."), params={"n": SHORTEST}, code="short")
    number = (person.personnel_number or "").casefold()
    steps = {ord(b) - ord(a) for a, b in pairwise(plain)}
    halves = len(plain) % 2 == 0 and plain[: len(plain) // 2] * 2 == plain
    is_date = plain.isdigit() and len(plain) in (6, 8) and _looks_like_a_date(plain)
    if len(set(plain)) < 4 or len(steps) == 1 or halves or is_date or (number and (number in plain or plain in number)):
        raise ValidationError(_("This code is too easy to guess. Please choose another one."), code="trivial")
    if plain in _COMMON or any(part in plain for part in person.name.casefold().split() if len(part) > 3):
        raise ValidationError(_("This code is too easy to guess. Please choose another one."), code="trivial")


_COMMON = frozenset(
    "azerty qwerty qwertz azertyuiop qwertyuiop password motdepasse bonjour parvis soleil doudou".split()
)


def _looks_like_a_date(digits: str) -> bool:
    shapes = ["%d%m%y", "%y%m%d"] if len(digits) == 6 else ["%d%m%Y", "%Y%m%d"]
    for shape in shapes:
        try:
            year = dt.datetime.strptime(digits, shape).year
        except ValueError:
            continue
        if 1930 <= year <= 2040:
            return True
    return False


@transaction.atomic
def choose_code(person_id: int, letter_id: int, code: str, now: dt.datetime) -> Account | None:
    """Use a letter up: the person has the code of their own, and an account. None if the letter is no longer good.

    letter_id: of the letter with which they came in.  Raises ValidationError.
    """
    letter = Letter.objects.select_for_update().filter(pk=letter_id, person_id=person_id, used_at=None).first()
    if letter is None or letter.expires_at <= now:
        return None
    person = Person.objects.select_related("account", "network").get(pk=person_id)
    if _has_another_way(person.pk, now):  # since the letter was printed
        return None
    if person.state not in (PersonState.ACTIVE, PersonState.PLACEHOLDER):
        return None
    check_own_code(code, person)
    OwnCode.objects.update_or_create(person=person, defaults={"code": make_password(code), "chosen_at": now})
    letter.used_at = now
    letter.save(update_fields=["used_at"])
    if person.account is None:
        person.account = Account.objects.create_user(created_at=now)
        was_placeholder = person.state == PersonState.PLACEHOLDER
        person.state = PersonState.ACTIVE
        person.save(update_fields=["account", "state"])
        if was_placeholder:
            count_members(person.network, 1)
        record(person, Verb.ACCEPT, at=now, target=person)
    return person.account


@transaction.atomic
def change_own_code(viewer: Viewer, current: str, code: str) -> bool:
    """Somebody who signs in with a code changes it. False if `current` is not theirs.  Raises ValidationError, Forbidden.

    Their other sessions are the view's to end: this one goes on.
    """
    person = require_person(viewer)
    own = OwnCode.objects.select_for_update().filter(person=person).first()
    if own is None:
        raise Forbidden("code")
    if not check_password(current, own.code):
        return False
    check_own_code(code, person)
    own.code, own.chosen_at = make_password(code), viewer.now
    own.save(update_fields=["code", "chosen_at"])
    return True


def system_open_letter(person_id: int, letter_id: int, now: dt.datetime) -> Letter | None:
    """The letter of somebody who has just come in by it, with the person; None once it is no longer good."""
    rows = Letter.objects.select_related("person__network").filter(pk=letter_id, person_id=person_id, used_at=None)
    return rows.filter(expires_at__gt=now).first()
