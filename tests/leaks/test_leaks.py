"""No answer, whatever the address, the search or the mail, holds a word that its reader may not read."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from parvis.core.people.models import Person
from parvis.core.runtime import env
from tests.cast import Cast
from tests.leaks.crawler import crawl, declared
from tests.leaks.world import EVERYWHERE, Builder, World

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def world(cast: Cast, drain_log: Callable[[], int]) -> World:
    made = Builder(cast).build()
    drain_log()
    return made


@pytest.mark.parametrize("reader", ["claire", "paul", "nadia", "denise", "gaspard", "otto", "yann", "anonymous"])
def test_a_crawler_finds_no_word_that_its_reader_may_not_read(
    reader: str, world: World, client_of: Callable[[Person | None], Client]
) -> None:
    client = client_of(None if reader == "anonymous" else getattr(world.cast, reader))
    client.raise_request_exception = False
    pages: dict[str, set[str]] = {}
    for path, text in crawl(client, "nord" if reader == "otto" else "vauban", [EVERYWHERE]):
        said = set(re.findall(r"zq[a-z]{10}", text.lower())) - set(re.findall(r"zq[a-z]{10}", path))  # not an echo
        for word in said:
            pages.setdefault(word, set()).add(path)
    told = {
        f"{what} at {sorted(pages[word])[0]}"
        for word, (what, readers) in world.canaries.items()
        if word in pages and reader not in readers
    }
    assert not told, f"{reader} was told: {sorted(told)}"
    shown = {what for word, (what, readers) in world.canaries.items() if word in pages and reader in readers}
    if reader in ("claire", "paul", "nadia", "denise"):
        assert any("body" in what for what in shown), "the crawler found nothing at all: it proves nothing"


@pytest.mark.parametrize("reader", ["nadia", "gaspard", "otto"])
def test_searching_a_hidden_word_answers_as_for_a_word_that_nobody_wrote(
    reader: str, world: World, client_of: Callable[[Person | None], Client]
) -> None:
    person = getattr(world.cast, reader)
    client = client_of(person)
    for word, (what, readers) in world.canaries.items():
        if reader in readers:
            continue
        for page in ("search/", "search/suggestions", "people/"):
            found = _comparable(client, person, page, word)
            assert found == _comparable(client, person, page, "zq" + "a" * 10), f"{page} tells {reader} of: {what}"


def _comparable(client: Client, person: Person, page: str, word: str) -> str:
    answer = client.get(f"/{person.network.slug}/{page}?q={word}")
    text = answer.content.decode().replace(word, "WORD")
    return re.sub(r"(csrf|nonce|ticket)[^>]*>|data-now=\S+", "", text, flags=re.I)


def test_mails_hold_only_what_their_recipient_may_read(world: World) -> None:
    names = {
        str(address.email): name
        for name in world.readers()
        if name != "anonymous"
        for address in getattr(world.cast, name).addresses.all()
    }
    for mail in (Path(env.data_folder()) / "mail").glob("**/*.eml"):
        text = mail.read_text()
        recipient = next((name for address, name in names.items() if f"To: {address}" in text), "anonymous")
        for word in set(re.findall(r"zq[a-z]{10}", text)):
            what, readers = world.canaries[word]
            assert recipient in readers, f"a mail tells {recipient} of: {what}"


def test_the_crawler_knows_every_parameter() -> None:
    unknown = {
        (a.route, name)
        for a in declared()
        for name, kind in a.parameters
        if not a.route.startswith("accounts/")
        and name not in {"network", "slug", "key", "person", "number", "token", "name", "reader"}
        and kind not in {"int", "path"}
    }
    assert not unknown, f"teach tests/leaks/crawler.py what these stand for: {unknown}"
