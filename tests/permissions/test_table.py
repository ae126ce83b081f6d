"""Every address is in the table, and answers as the table says."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client

from parvis.core.files.actions import keep_file
from parvis.core.items.models import Item, Kind
from parvis.core.people.models import Person
from parvis.work.communities.queries import widest_audience
from parvis.work.conversations.actions import publish_comment, publish_post, save_post
from tests.cast import Cast, as_
from tests.leaks.crawler import Address, declared
from tests.permissions.table import ROLES, TABLE

LEFT_OUT = ("accounts/", "static/", "-/")  # allauth's own, which has its tests; files that everybody may have


def addresses() -> list[Address]:
    return [a for a in declared() if not a.route.startswith(LEFT_OUT)]


def test_every_address_is_in_the_table() -> None:
    names = {a.name for a in addresses()}
    assert not names - set(TABLE), "say in tests/permissions/table.py who may open these"
    assert not set(TABLE) - names, "these are gone: take them out of tests/permissions/table.py"


@pytest.fixture
def keys(cast: Cast) -> dict[str, str]:
    """What stands for `key` at each address."""
    viewer = as_(cast.denise)
    place, audience = cast.direction.group, widest_audience(cast.direction)
    post = publish_post(viewer, place, audience, body="<p>Budget</p>", files=[keep_file("budget.txt", [b"12"])])
    publish_comment(as_(cast.paul), post, body="<p>Vu</p>")
    draft = save_post(viewer, place, audience, title="", body="<p>Brouillon</p>")
    return {
        "person": cast.paul.key,
        "admin_person": cast.paul.key,
        "admin_charges": cast.paul.key,
        "admin_departure": cast.paul.key,
        "admin_merging": cast.paul.key,
        "community_member": cast.paul.key,
        "community_by_key": cast.direction.item.key,
        "draft": draft.key,
        "document": Item.objects.get(kind=Kind.DOCUMENT).key,
        "document_file": Item.objects.get(kind=Kind.DOCUMENT).key,
        "": post.key,
    }


def path_of(address: Address, keys: dict[str, str]) -> str:
    path = address.route
    for name, _ in address.parameters:
        value = {"network": "vauban", "slug": "direction", "reader": "search.index", "token": "x", "number": "1"}.get(
            name, keys.get(address.name, keys[""])
        )
        path = re.sub(rf"<(?:\w+:)?{name}>", value, path, count=1)
    return "/" + re.sub(r"[\^$]|\\Z", "", path)


@pytest.mark.parametrize("address", addresses(), ids=lambda a: a.name)
def test_each_role_is_answered_as_the_table_says(
    address: Address, cast: Cast, keys: dict[str, str], client_of: Callable[[Person | None], Client]
) -> None:
    found: tuple[list[int], list[int]] = ([], [])
    for role in ROLES:
        client = client_of(None if role == "anonymous" else getattr(cast, role))
        for answers, ask in ((found[0], client.get), (found[1], client.post)):
            with transaction.atomic():
                answers.append(ask(path_of(address, keys)).status_code)
                transaction.set_rollback(True)
    assert found == TABLE.get(address.name), f'"{address.name}": {found},'
