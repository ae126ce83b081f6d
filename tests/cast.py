"""The cast: one network with its people, one other network, and how a test asks as one of them.

vauban    the network of the tests, in French
claire    a member, owner of the public community `soudure`
paul      a member, in `soudure` and in the private community `direction` (owner: denise)
nadia     a member who belongs to no community
denise    a member, administrator of the network, owner of `direction`
gaspard   a guest (of the supplier Hervé SA), in `achats`, which is open to guests (owner: claire)
celine    a contact: no account
otto      a member of another network, `nord`
yann      a member who left
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from parvis.core.items.readers import drain
from parvis.core.people.actions import (
    NewPerson,
    add_members,
    administrators_of,
    close_person,
    create_network,
    create_people,
)
from parvis.core.people.models import Account, Network, Organisation, OrganisationKind, Person, PersonKind
from parvis.core.people.viewer import Viewer, viewer_for
from parvis.work.communities.actions import NewCommunity, create_communities
from parvis.work.communities.models import Community, Visibility

NOW = dt.datetime(2026, 11, 18, 9, 30, tzinfo=dt.UTC)  # a Wednesday

__all__ = ["as_", "at", "cast", "client_of", "drain_log", "own_index"]


@dataclasses.dataclass
class Cast:
    vauban: Network
    nord: Network
    claire: Person
    paul: Person
    nadia: Person
    denise: Person
    gaspard: Person
    celine: Person
    otto: Person
    yann: Person
    soudure: Community
    direction: Community
    achats: Community


@pytest.fixture(autouse=True)
def own_index(settings) -> Iterator[None]:
    """Ids come again in each test: its search index is its own."""
    from parvis.insight.search import index

    settings.SEARCH_INDEX = Path(settings.SEARCH_INDEX) / secrets.token_hex(4)
    yield
    index.close_all()
    shutil.rmtree(settings.SEARCH_INDEX, ignore_errors=True)


@pytest.fixture
def cast(db: None) -> Cast:
    vauban = create_network("vauban", "Ateliers Vauban", NOW)
    nord = create_network("nord", "Nord Industries", NOW)
    herve = Organisation.objects.create(network=vauban, name="Hervé SA", kind=OrganisationKind.SUPPLIER)
    claire, paul, nadia, denise, yann = create_people(
        vauban,
        [
            _member("Claire Martin"),
            _member("Paul Renaud"),
            _member("Nadia Benali"),
            _member("Denise Roy"),
            _member("Yann Le Goff"),
        ],
        NOW,
    )
    gaspard, celine = create_people(
        vauban,
        [
            _member("Gaspard Hervé", kind=PersonKind.GUEST, organisation=herve),
            NewPerson("Céline Faure", kind=PersonKind.CONTACT, organisation=herve, emails=["celine@herve.example"]),
        ],
        NOW,
    )
    (otto,) = create_people(nord, [_member("Otto Lang")], NOW)
    add_members(administrators_of(vauban), [denise], NOW, actor=denise)
    soudure, direction, achats = create_communities(
        vauban,
        [
            NewCommunity("Soudure & laser", claire, members=[paul, yann]),
            NewCommunity("Direction", denise, visibility=Visibility.PRIVATE, members=[paul]),
            NewCommunity("Achats", claire, visibility=Visibility.PRIVATE, has_guests=True, members=[gaspard]),
        ],
        NOW,
    )
    close_person(yann, NOW + dt.timedelta(seconds=1), actor=denise)
    yann.refresh_from_db()
    return Cast(vauban, nord, claire, paul, nadia, denise, gaspard, celine, otto, yann, soudure, direction, achats)


def _member(name: str, **fields: Any) -> NewPerson:
    email = name.lower().split()[0] + "@vauban.example"
    account = Account.objects.create_user(email)
    return NewPerson(name, account=account, emails=[email], verified=True, **fields)


def at(**later: float) -> dt.datetime:
    """An instant after the tests' now: at(hours=2)."""
    return NOW + dt.timedelta(**later)


def as_(person: Person, now: dt.datetime | None = None) -> Viewer:
    """The viewer that a person is, an hour after the cast was made unless told otherwise."""
    return viewer_for(Person.objects.select_related("network").get(pk=person.pk), now or at(hours=1))


@pytest.fixture
def client_of(db: None) -> Iterator[Callable[[Person | None], Client]]:
    """A browser signed in as a person (None: signed out)."""

    def client(person: Person | None) -> Client:
        browser = Client()
        if person is not None and person.account is not None:
            browser.force_login(person.account, backend="allauth.account.auth_backends.AuthenticationBackend")
        return browser

    yield client


@pytest.fixture
def drain_log(db: None) -> Callable[[], int]:
    """Let every reader take all that it can."""
    from parvis.web.readers import READERS

    return lambda: drain(READERS, at(hours=1))
