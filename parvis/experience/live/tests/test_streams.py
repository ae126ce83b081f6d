"""Streams, as browsers have them: the real process, its real database, real connections."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from parvis.core.runtime.processes import memory_bytes
from tests.installation import Installation, installation, until

pytestmark = pytest.mark.slow

_WHO = """
import sys, json, time
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from parvis.core.items.actions import delete_item, edit_item, remove_item, set_audience
from parvis.core.items.audiences import audience_of
from parvis.core.items.models import Item
from parvis.core.people.actions import NewPerson, add_members, close_person, create_network, create_people, remove_members
from parvis.core.people.models import Account, Network
from parvis.core.people.viewer import viewer_for
from parvis.work.communities.actions import NewCommunity, create_communities
from parvis.work.conversations.actions import publish_comment, publish_post
def as_(person): return viewer_for(person, timezone.now())
def post(person, community, principals=None, title="Canari"):
    return publish_post(as_(person), community.group, audience_of(person.network, principals or [community.group.pk]), title=title, body="<p>Canari</p>")
"""
# People of a network of their own for each test: what one test takes from them, the next never misses.
_BEGIN = """
now, nth = timezone.now(), Network.objects.count()
network = create_network(f"vauban-{nth}", "Vauban", now)
def member(name):
    return NewPerson(name, account=Account.objects.create_user(f"{name.lower()}@vauban-{nth}.example"))
claire, paul, nadia = create_people(network, [member(n) for n in ("Claire", "Paul", "Nadia")], now)
soudure, direction = create_communities(network, [NewCommunity("Soudure", claire, members=[paul]), NewCommunity("Direction", claire, visibility="private", members=[paul])], now)
told = {"network": network.pk}
for person in (claire, paul, nadia):
    session = SessionStore(); session["a"] = 1; session.create()
    row = UserSession.objects.create(user=person.account, ip="127.0.0.1", session_key=session.session_key, user_agent="")
    told[person.name] = [person.pk, row.pk]
print(json.dumps(told))
"""
_DRIVE = """
import contextlib, io, traceback
from parvis.experience.live import tickets
for line in sys.stdin:
    said, error = io.StringIO(), ""
    with contextlib.redirect_stdout(said):
        try:
            exec(json.loads(line), globals())
        except Exception:
            error = traceback.format_exc()
    print(json.dumps({"said": said.getvalue(), "error": error}), flush=True)
"""


class House:
    def __init__(self, made: Installation) -> None:
        self.made = made
        self.told: dict[str, Any] = {}
        self.url = f"http://127.0.0.1:{made.port + 1}/live"
        self.origin = f"http://localhost:{made.port}"
        self.process = self.serve()
        self._driver = made.talk_to(_WHO + _DRIVE)

    def begin(self) -> None:
        self.told = json.loads(self.do(_BEGIN))

    def serve(self) -> subprocess.Popen[str]:
        process = self.made.start(
            "-m", "granian", "--interface", "asginl", "--workers", "1", "--host", "127.0.0.1",
            "--port", str(self.made.port + 1), "parvis.experience.live.stream:application",
        )  # fmt: skip
        until(lambda: process.poll() is not None or self._answers())
        assert process.poll() is None, self.made.logs()
        return process

    def _answers(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(self.url.replace("/live", "/healthz"), timeout=60).status_code == 200
        return False

    def do(self, code: str) -> str:
        """Do something in the installation, by a process that stays; returns what it printed."""
        assert self._driver.stdin and self._driver.stdout
        self._driver.stdin.write(json.dumps(code) + "\n")
        self._driver.stdin.flush()
        told = json.loads(self._driver.stdout.readline())
        assert not told["error"], told["error"]
        return str(told["said"]).strip()

    def ticket(self, name: str, thread: int = 0) -> str:
        """A ticket as the pages would issue it."""
        person, session = self.told[name]
        return self.do(f"print(tickets.issue({person}, {self.told['network']}, {session}, {thread}, time.time()))")


class Listener:
    """One browser's stream, read event by event."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.iter_lines()

    def next(self) -> tuple[str, dict[str, Any], int]:
        """(event, data, id) of the next event; heartbeats are passed over."""
        event, data, number = "", {}, 0
        for line in self._lines:
            name, _, value = line.partition(": ")
            if name == "event":
                event = value
            elif name == "data":
                data = json.loads(value)
            elif name == "id":
                number = int(value)
            elif not line and event:
                return event, data, number
        return "closed", {}, 0


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with installation(tmp_path_factory.mktemp("streams")) as made:
        yield House(made)


@pytest.fixture
def house(served: House) -> House:
    served.begin()
    return served


@contextlib.contextmanager
def listening(house: House, name: str, *, thread: int = 0, **more: Any) -> Iterator[Listener]:
    """A stream that has said hello."""
    with contextlib.ExitStack() as stack:
        client = stack.enter_context(httpx.Client(timeout=60))
        params = {"ticket": house.ticket(name, thread), **more.pop("params", {})}
        response = stack.enter_context(
            client.stream("GET", house.url, params=params, headers={"Origin": house.origin, **more})
        )
        assert response.status_code == 200, response.read()
        assert response.headers["access-control-allow-origin"] == house.origin
        assert response.headers["x-accel-buffering"] == "no" and response.headers["cache-control"] == "no-store"
        listener = Listener(response)
        if not params.get("after"):
            assert listener.next()[0] == "hello"
        yield listener


def test_a_part_that_changes_is_told_by_its_keys(house: House) -> None:
    with listening(house, "Paul") as paul:
        key = house.do("print(post(claire, soudure).key)")
        event, data, position = paul.next()
        assert (event, data["thread"], data["item"], data["verb"]) == ("part", key, key, "Create")
        assert data["starts"] and "mine" not in data and position > 0
        assert set(data) <= {"thread", "item", "verb", "place", "starts", "mine"}


def test_what_one_may_not_see_is_not_told(house: House) -> None:
    with listening(house, "Nadia") as nadia, listening(house, "Paul") as paul:
        house.do("post(claire, direction)")
        key = house.do("print(post(claire, soudure, [0]).key)")
        assert paul.next()[1]["item"] != key
        assert paul.next()[1]["item"] == key == nadia.next()[1]["item"]


def test_views_tell_nobody_and_ones_own_deeds_say_so(house: House) -> None:
    with listening(house, "Claire") as claire:
        key = house.do(
            "from parvis.core.items import reading\nmade = post(claire, soudure)\n"
            "reading.note_read(as_(paul), made, made.position)\nreading.flush()\n"
            "print(publish_comment(as_(paul), made, body='<p>x</p>').key)"
        )
        first, second = claire.next()[1], claire.next()[1]
        assert first["mine"] and second["item"] == key and "mine" not in second


def test_one_who_comes_back_is_told_what_was_missed_or_to_load_anew(house: House) -> None:
    with listening(house, "Paul") as paul:
        house.do("post(claire, soudure)")
        position = paul.next()[2]
    keys = house.do(
        "a = post(claire, soudure)\npost(claire, soudure, [-claire.pk])\nprint(a.key, post(claire, soudure).key)"
    ).split()
    with listening(house, "Paul", **{"Last-Event-ID": str(position), "params": {"after": "0"}}) as paul:
        told = [paul.next() for _ in [*keys, "hello"]]  # it says hello before, among or after what the tail just took
        assert [data["item"] for event, data, _ in told if event == "part"] == keys
    house.do(
        "from parvis.core.items.log import record\nfrom django.db import transaction\nwith transaction.atomic():\n [record(claire, 'Follow', at=timezone.now()) for _ in range(1100)]"
    )

    def is_told_to_load_anew() -> bool:  # once the tail has gone through all that
        with listening(house, "Paul", params={"after": str(position)}) as paul:
            return paul.next()[0] == "reload"

    until(is_told_to_load_anew)


def test_many_parts_at_once_are_told_as_one_reload(house: House) -> None:
    with listening(house, "Paul") as paul:
        house.do(
            "from django.db import transaction\nwith transaction.atomic():\n [post(claire, soudure) for _ in range(40)]"
        )
        assert paul.next()[0] == "reload"


def test_a_lost_membership_ends_the_stream_before_what_came_with_it(house: House) -> None:
    with listening(house, "Paul") as paul:
        house.do("remove_members(direction.group, [paul], timezone.now(), actor=claire)\npost(claire, direction)")
        assert [paul.next()[0], paul.next()[0]] == ["gone", "closed"]
    house.do("add_members(direction.group, [paul], timezone.now(), actor=claire)")


def test_a_right_that_is_gained_counts_at_once(house: House) -> None:
    with listening(house, "Nadia") as nadia:
        key = house.do(
            "add_members(direction.group, [nadia], timezone.now(), actor=claire)\nprint(post(claire, direction).key)"
        )
        assert nadia.next()[1]["item"] == key
    house.do("remove_members(direction.group, [nadia], timezone.now(), actor=claire)")


def test_a_thread_that_one_may_no_longer_see_ends_the_stream_of_its_page_only(house: House) -> None:
    key, pk = house.do("made = post(claire, soudure, [0])\nprint(made.key, made.pk)").split()
    with listening(house, "Nadia", thread=int(pk)) as page, listening(house, "Nadia") as home:
        house.do(
            f"set_audience(as_(claire), Item.objects.get(key='{key}'), audience_of(claire.network, [soudure.group.pk]))"
        )
        assert page.next()[0] == "gone"
        key = house.do("print(post(claire, soudure, [0]).key)")
        assert home.next()[1]["item"] == key  # nothing was said of the thread that went


def test_an_answer_taken_back_is_told_to_those_who_had_it(house: House) -> None:
    key = house.do("made = post(claire, soudure)\nprint(made.key)")
    with listening(house, "Paul") as paul, listening(house, "Nadia") as nadia:
        house.do(f"c = publish_comment(as_(claire), Item.objects.get(key='{key}'), body='<p>x</p>')")
        assert paul.next()[1]["verb"] == "Create"
        house.do("delete_item(as_(claire), c)")
        event, data, _ = paul.next()
        assert (event, data["thread"], data["item"], data["verb"]) == ("part", key, "", "Delete")
        other = house.do("print(post(claire, soudure, [0]).key)")
        assert nadia.next()[1]["item"] == other


def test_a_session_that_ends_ends_its_streams(house: House) -> None:
    with listening(house, "Nadia") as nadia:
        house.do("UserSession.objects.get(user=nadia.account).end()")
        assert nadia.next()[0] == "gone"
    refused = httpx.get(
        house.url, params={"ticket": house.ticket("Nadia")}, headers={"Origin": house.origin}, timeout=60
    )
    assert refused.status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"), [({"Origin": "https://evil.example"}, 403), ({}, 403), ({"Origin": "null"}, 403)]
)
def test_a_stream_opens_for_our_pages_and_a_ticket_only(house: House, headers: dict[str, str], status: int) -> None:
    good = house.ticket("Paul") if headers else "1-2-3-4-9999999999-AAAAAAAAAAAAAAAAAAAAAA"
    assert httpx.get(house.url, params={"ticket": good}, headers=headers, timeout=60).status_code == status


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_whoever_typed_the_address_of_this_machine_in_numbers_is_told_too(house: House, host: str) -> None:
    origin = house.origin.replace("localhost", host)
    asked = {"params": {"ticket": house.ticket("Paul")}, "headers": {"Origin": origin}, "timeout": 60}
    with httpx.stream("GET", house.url, **asked) as answer:
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == origin
    asked["headers"] = {"Origin": origin.replace(str(house.made.port), "1")}
    assert httpx.get(house.url, **asked).status_code == 403


def test_other_addresses_and_methods_are_refused(house: House) -> None:
    assert httpx.get(house.url + "/x", timeout=60).status_code == 404
    assert httpx.post(house.url, timeout=60).status_code == 405


def test_one_person_opens_ten_streams_and_no_more_and_closing_gives_them_back(house: House) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(listening(house, "Paul"))
        refused = httpx.get(
            house.url, params={"ticket": house.ticket("Paul")}, headers={"Origin": house.origin}, timeout=60
        )
        assert refused.status_code == 429 and refused.headers["retry-after"] == "30"

    def opens() -> bool:
        with contextlib.suppress(AssertionError), listening(house, "Paul"):
            return True
        return False

    until(opens, pause_s=0.2)


def test_the_numbers_name_nobody(house: House) -> None:
    path = house.made.data / "run/metrics-streams.prom"
    until(path.exists)
    text = path.read_text()
    assert "parvis_streams_open" in text and "Paul" not in text


def test_somebody_who_leaves_is_shown_out_at_once(house: House) -> None:
    with listening(house, "Paul") as paul:
        house.do("close_person(paul, timezone.now(), actor=claire)")
        assert paul.next()[0] == "gone"


_MANY = """
from django.contrib.sessions.backends.db import SessionStore
from allauth.usersessions.models import UserSession
from parvis.core.people.actions import NewPerson, create_people
from parvis.core.people.models import Account
rows = create_people(claire.network, [NewPerson(f"P{n}", account=Account.objects.create_user(f"p{n}@v.example")) for n in range(50)], timezone.now())
for person in rows:
    session = SessionStore(); session["a"] = 1; session.create()
    row = UserSession.objects.create(user=person.account, ip="127.0.0.1", session_key=session.session_key, user_agent="")
    for _ in range(10):
        print(tickets.issue(person.pk, person.network_id, row.pk, 0, time.time() + 600))
"""


def _read_until(stream: socket.socket, words: bytes) -> None:
    """Heartbeats may come between, and what comes may come in pieces."""
    got = b""
    while words not in got:
        more = stream.recv(4096)
        assert more, f"closed after {got!r}"
        got += more


@pytest.mark.full
def test_five_hundred_streams_take_less_than_sixty_megabytes(house: House) -> None:
    tickets = house.do(_MANY).split()
    before = memory_bytes(house.process.pid)
    open_ones: list[socket.socket] = []
    for ticket in tickets:
        stream = socket.create_connection(("127.0.0.1", house.made.port + 1), timeout=60)
        stream.sendall(f"GET /live?ticket={ticket} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        open_ones.append(stream)
    for stream in open_ones:
        _read_until(stream, b"hello")
    house.do("post(claire, soudure, [0])")
    for stream in open_ones:
        _read_until(stream, b"event: part")
    more = memory_bytes(house.process.pid) - before
    for stream in open_ones:
        stream.close()
    assert more < 60_000_000
