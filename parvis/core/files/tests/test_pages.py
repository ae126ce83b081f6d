"""Documents: their page and their bytes, for those who may, and harmless for their browsers."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from parvis.core.items.actions import delete_item, set_audience
from parvis.core.items.audiences import audience_of
from parvis.core.items.models import Item, Kind
from parvis.core.people.models import Person
from tests.cast import Cast, as_

Browser = Callable[[Person | None], Client]
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def document(cast: Cast, client_of: Browser, name: str = "note.txt", data: bytes = b"mots") -> Item:
    """A file that Denise attached in `direction`, by its page."""
    sent = {"place": cast.direction.group.key, "body": "Voici", "files": SimpleUploadedFile(name, data)}
    assert client_of(cast.denise).post("/vauban/write", sent).status_code == 302
    return Item.objects.get(kind=Kind.DOCUMENT)


@pytest.mark.parametrize("ending", ["", "/file"])
def test_a_document_is_for_those_who_see_it(cast: Cast, client_of: Browser, ending: str) -> None:
    address = f"/vauban/d/{document(cast, client_of).key}{ending}"
    assert client_of(cast.paul).get(address).status_code == 200
    assert client_of(cast.nadia).get(address).status_code == 404
    assert client_of(cast.otto).get(address).status_code == 404
    assert client_of(None).get(address).status_code == 302
    assert client_of(cast.paul).post(address).status_code == 405
    assert client_of(cast.otto).get(address.replace("vauban", "nord")).status_code == 404


def test_bytes_come_back_as_they_were_and_run_nothing(cast: Cast, client_of: Browser) -> None:
    made = document(cast, client_of, "page.html", b"<script>alert(1)</script>")
    answer = client_of(cast.paul).get(f"/vauban/d/{made.key}/file")
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"] and "script-src" not in answer["Content-Security-Policy"]
    assert answer["Cache-Control"].startswith("private")


@pytest.mark.parametrize(
    ("name", "data", "shown"), [("a.png", PNG, True), ("a.svg", b"<svg/>", False), ("a.png", b"<html>", False)]
)
def test_only_recognised_pictures_are_shown_by_the_browser(
    cast: Cast, client_of: Browser, name: str, data: bytes, shown: bool
) -> None:
    made = document(cast, client_of, name, data)
    answer = client_of(cast.paul).get(f"/vauban/d/{made.key}/file")
    assert answer["Content-Disposition"].startswith("inline" if shown else "attachment")
    assert (answer["Content-Type"] == "image/png") is shown


def test_what_one_has_already_is_not_sent_again_but_still_asked_for(cast: Cast, client_of: Browser) -> None:
    made = document(cast, client_of)
    browser = client_of(cast.paul)
    tag = browser.get(f"/vauban/d/{made.key}/file")["ETag"]
    assert re.fullmatch(r'"[0-9a-f]{64}"', tag)
    again = browser.get(f"/vauban/d/{made.key}/file", headers={"If-None-Match": tag})
    assert again.status_code == 304
    post = Item.objects.get(kind=Kind.POST)
    set_audience(as_(cast.denise), post, audience_of(cast.vauban, [-cast.denise.pk]))
    assert browser.get(f"/vauban/d/{made.key}/file", headers={"If-None-Match": tag}).status_code == 404


def test_a_document_says_where_it_was_shown_only_to_those_who_may_know(cast: Cast, client_of: Browser) -> None:
    made = document(cast, client_of)
    page = client_of(cast.paul).get(f"/vauban/d/{made.key}").content.decode()
    assert "Voici" in page and "Denise Roy" in page
    delete_item(as_(cast.denise), Item.objects.get(kind=Kind.POST))
    assert client_of(cast.paul).get(f"/vauban/d/{made.key}").status_code == 404


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a\r\nSet-Cookie: x=1.txt", "é" * 300 + ".txt", ".htaccess", "   "]
)
def test_names_of_files_do_no_harm(cast: Cast, client_of: Browser, name: str) -> None:
    sent = {"place": cast.direction.group.key, "body": "x", "files": SimpleUploadedFile("x.txt", b"y")}
    sent["files"].name = name
    answer = client_of(cast.denise).post("/vauban/write", sent)
    for made in Item.objects.filter(kind=Kind.DOCUMENT):
        got = client_of(cast.paul).get(f"/vauban/d/{made.key}/file")
        assert got.status_code == 200 and "\n" not in got["Content-Disposition"] and "Set-Cookie" not in got.headers
        assert "/" not in made.title and len(made.title) <= 200
    assert answer.status_code in (302, 422)
