"""Axe on every page that one GET opens, as each sort of person, in both languages, light and dark.

The pages are found in `web/urls.py`, so that a new address is looked at without being named here. No server runs: Django
renders all pages first, then a browser is given them under the project's Content-Security-Policy.
"""

from __future__ import annotations

import dataclasses
import mimetypes
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from parvis.core.people.models import Person
from tests.cast import Cast
from tests.leaks.crawler import declared
from tests.permissions.test_table import keys, path_of  # noqa: F401

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium")
pytestmark = [pytest.mark.browser, pytest.mark.full, pytest.mark.skipif(not CHROMIUM, reason="no chromium")]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
ORIGIN = "http://parvis.test"
ROLES = {"administrator": "denise", "member": "paul", "guest": "gaspard", "signed-out": None}
LEAST = {"administrator": 40, "member": 15, "guest": 8, "signed-out": 8}  # fewer: they are not found any more

Page = tuple[bytes, str]  # its HTML and its Content-Security-Policy


def _pages(client: Client, keys: dict[str, str], role: str) -> dict[str, Page]:  # noqa: F811
    """Every page that the client may open, by path; a refusal of each sort once."""
    pages: dict[str, Page] = {}
    refusals: set[int] = set()
    for address in declared():
        if address.route.startswith(("static/", "-/")):
            continue
        if address.route.startswith("accounts/") and role not in ("administrator", "signed-out"):
            continue  # these know accounts only, not roles
        plain = re.sub(r"\(\?P<\w+>[^)]*\)", "1", address.route)  # a part given as a regular expression
        path = path_of(dataclasses.replace(address, route=plain), keys)
        answer = client.get(path)
        if not answer.headers.get("Content-Type", "").startswith("text/html") or b"<html" not in answer.content:
            continue
        if answer.status_code >= 400 and answer.status_code in refusals:
            continue
        if answer.status_code >= 400:
            refusals.add(answer.status_code)
        pages[path] = answer.content, answer.headers.get("Content-Security-Policy", "")
    return pages


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("role", ROLES)
def test_axe_finds_nothing_to_say_of_any_page(
    role: str,
    language: str,
    cast: Cast,
    keys: dict[str, str],  # noqa: F811
    client_of: Callable[[Person | None], Client],
) -> None:
    person = getattr(cast, ROLES[role]) if ROLES[role] else None
    if person:
        Person.objects.filter(pk=person.pk).update(language=language)
    client = client_of(person)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    if person:
        session = client.session  # as after a sign-in a moment ago: what asks to confirm it first is shown
        session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
        session.save()
    pages = _pages(client, keys, role)
    assert len(pages) >= LEAST[role]
    for path, (html, _) in pages.items():
        assert f'<html lang="{language}"'.encode() in html, path
    assert _complaints(pages) == []


def _complaints(pages: dict[str, Page]) -> list[tuple[str, str, str, list[str]]]:
    """(path, scheme, rule of axe, what breaks it) of each page, light and dark."""
    from axe_playwright_python.sync_playwright import Axe

    axe, found = Axe(), []
    with playwright.sync_playwright() as player:
        chromium = player.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        context.set_default_timeout(120_000)
        page = context.new_page()
        page.route("**/*", lambda route: _answer(route, pages))
        for path in pages:
            for scheme, options in (("light", None), ("dark", {"runOnly": ["color-contrast"]})):
                page.emulate_media(color_scheme=scheme)
                page.goto(ORIGIN + path)
                for said in axe.run(page, options=options).response["violations"]:
                    found.append((path, scheme, said["id"], [node["html"] for node in said["nodes"]]))
        chromium.close()
    return found


def _answer(route: Any, pages: dict[str, Page]) -> None:
    path = urlsplit(route.request.url).path
    if path.startswith("/static/"):
        file = finders.find(path.removeprefix("/static/"))
        kind = mimetypes.guess_type(path)[0]
        route.fulfill(body=Path(file).read_bytes(), content_type=kind) if file else route.fulfill(status=404)
    elif path in pages and route.request.resource_type == "document":
        html, policy = pages[path]
        route.fulfill(body=html, content_type="text/html", headers={"Content-Security-Policy": policy})
    else:
        route.fulfill(status=204)
