"""Two people, two browsers: what one writes, the other sees arrive."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from parvis.experience.live.tests.test_streams import _DRIVE, _WHO
from tests.installation import Installation, installation, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_THEM = """
from parvis.core.people.models import Person
from parvis.work.communities.models import Community
claire, paul, nadia = (Person.objects.select_related("network").get(name=n) for n in ("Claire", "Paul", "Nadia"))
soudure, direction = (Community.objects.select_related("group").get(item__title=t) for t in ("Soudure", "Direction"))
"""
_BEGIN = """
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from parvis.core.people.actions import NewPerson, create_network, create_people
from parvis.core.people.models import Account
from parvis.work.communities.actions import NewCommunity, create_communities
now = timezone.now()
network = create_network("vauban", "Vauban", now)
def member(name):
    return NewPerson(name, account=Account.objects.create_user(f"{name.lower()}@vauban.example"))
claire, paul, nadia = create_people(network, [member(n) for n in ("Claire", "Paul", "Nadia")], now)
create_communities(network, [NewCommunity("Soudure", claire, members=[paul]), NewCommunity("Direction", claire, visibility="private", members=[paul])], now)
answer = {}
for person in (claire, paul):
    session = SessionStore()
    session[SESSION_KEY] = str(person.account.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = person.account.get_session_auth_hash()
    session.create()
    answer[person.name] = session.session_key
"""


class Company:
    def __init__(self, made: Installation, browser: Any) -> None:
        self._made, self._browser = made, browser
        self.origin = f"http://localhost:{made.port}"
        self._cookies = made.python(_BEGIN)
        self.processes = {name: made.start("-m", "parvis.web.serve", name) for name in ("pages", "streams")}
        for port in (made.port, made.port + 1):
            until(lambda port=port: self._answers(port))
        self._driver = made.talk_to(_WHO + _THEM + _DRIVE)

    def _answers(self, port: int) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=60).status_code == 200
        return False

    def do(self, code: str) -> str:
        assert self._driver.stdin and self._driver.stdout
        self._driver.stdin.write(json.dumps(code) + "\n")
        self._driver.stdin.flush()
        told = json.loads(self._driver.stdout.readline())
        assert not told["error"], told["error"]
        return str(told["said"]).strip()

    @contextlib.contextmanager
    def page_of(self, name: str, path: str) -> Iterator[Any]:
        """A page that somebody looks at, once it listens."""
        context = self._browser.new_context(locale="fr-FR")
        context.add_cookies([{"name": "parvis_session", "value": self._cookies[name], "url": self.origin}])
        context.set_default_timeout(120_000)
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        try:
            page.goto(self.origin + path)
            page.wait_for_selector("html[data-live=on]")
            yield page
            assert not [text for text in said if "Content Security" in text or "Error" in text], said
        finally:
            context.close()


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    playwright = pytest.importorskip("playwright.sync_api")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium is installed")
    with installation(tmp_path_factory.mktemp("company")) as made, playwright.sync_playwright() as play:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
        browser = play.chromium.launch(executable_path=program, args=arguments)
        yield Company(made, browser)
        browser.close()


def test_an_answer_appears_to_the_other_once_and_moves_nothing(company: Company) -> None:
    key = company.do("made = post(claire, soudure)\nprint(made.key)")
    path = f"/vauban/t/{key}"
    with company.page_of("Paul", path) as paul, company.page_of("Claire", path) as claire:
        before = paul.evaluate("document.querySelector('article').getBoundingClientRect().top")
        claire.fill("textarea[name=body]", "Une réponse en direct")
        claire.click("form#answer button.primary, form.composer button.primary")
        claire.wait_for_selector("text=Une réponse en direct")
        paul.wait_for_selector("#answers >> text=Une réponse en direct")
        assert paul.evaluate("document.querySelector('article').getBoundingClientRect().top") == before
        assert paul.get_attribute("#answers", "aria-live") == "polite"
        company.do(f"publish_comment(as_(paul), Item.objects.get(key='{key}'), body='<p>Une autre</p>')")
        claire.wait_for_selector("#answers >> text=Une autre")  # by then the signal of her own has come back to her
        assert claire.locator("#answers article").count() == 2


def test_an_answer_that_is_changed_or_taken_back_changes_where_it_stands(company: Company) -> None:
    key = company.do(
        "made = post(claire, soudure)\nc = publish_comment(as_(claire), made, body='<p>Avant</p>')\nprint(made.key)"
    )
    with company.page_of("Paul", f"/vauban/t/{key}") as paul:
        company.do("edit_item(as_(claire), c, title='', body='<p>Après</p>', revision=1)")
        paul.wait_for_selector("#answers >> text=Après")
        company.do("delete_item(as_(claire), c)")
        paul.wait_for_selector("#answers >> text=Après", state="detached")


def test_home_says_how_much_is_new_and_shows_it_when_asked(company: Company) -> None:
    with company.page_of("Paul", "/vauban/") as paul:
        assert not paul.is_visible("[data-fresh]")
        company.do(
            "post(claire, soudure, title='Toute neuve')\npost(claire, soudure)\npost(claire, direction, [-claire.pk])"
        )
        paul.wait_for_selector("[data-fresh]:not([hidden]) [data-count='2']")
        assert not paul.is_visible("text=Toute neuve")
        paul.click("[data-fresh] a")
        paul.wait_for_selector("text=Toute neuve")


def test_who_loses_the_right_to_a_page_no_longer_has_it_before_the_eyes(company: Company) -> None:
    key = company.do("made = post(claire, direction)\nprint(made.key)")
    with company.page_of("Paul", f"/vauban/t/{key}") as paul:
        assert paul.is_visible("text=Canari")
        company.do("remove_members(direction.group, [paul], timezone.now(), actor=claire)")
        paul.wait_for_selector("text=Canari", state="detached")
        company.do("add_members(direction.group, [paul], timezone.now(), actor=claire)")


def test_a_page_finds_its_stream_again_when_the_streams_were_away(company: Company) -> None:
    key = company.do("made = post(claire, soudure)\nprint(made.key)")
    with company.page_of("Paul", f"/vauban/t/{key}") as paul:
        company._made.kill(company.processes["streams"])
        paul.wait_for_selector("html:not([data-live])")
        company.do("publish_comment(as_(claire), made, body='<p>Pendant la coupure</p>')")
        company.processes["streams"] = company._made.start("-m", "parvis.web.serve", "streams")
        paul.wait_for_selector("#answers >> text=Pendant la coupure")
