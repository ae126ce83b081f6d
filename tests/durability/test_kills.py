"""Killed at random: each deed is there once, and each effect of each reader exactly once.

Hundreds of answers are posted to the real pages by eight browsers, while pages and worker are killed (SIGKILL) every
few seconds and the supervisor starts them again. A browser that got no answer sends the same form again, as a person
would. How many deeds: PARVIS_KILL_DEEDS, 600 by default.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import uuid
from pathlib import Path

import httpx
import pytest

from tests.databases import ENGINES, Databases
from tests.installation import ROOT, Installation

pytestmark = pytest.mark.full
DEEDS = int(os.environ.get("PARVIS_KILL_DEEDS", "600"))
BROWSERS = 8

# The real command; only, what dies starts again at once instead of after growing pauses.
RUN = """
import sys
from parvis.web import cli, supervisor
supervisor.FIRST_PAUSE_S = supervisor.LONGEST_PAUSE_S = 0.1
sys.exit(cli.main())
"""

MAKE = """
from django.contrib.sessions.backends.db import SessionStore
from parvis.core.people.actions import *
from parvis.core.people.models import Account
from parvis.core.people.viewer import viewer_for
from parvis.work.communities.actions import *
from parvis.work.communities.queries import widest_audience
from parvis.work.conversations.actions import publish_post
now = dt.datetime.now(dt.UTC)
net = create_network("vauban", "Ateliers Vauban", now)
rows = [NewPerson(f"Personne {n}", account=Account.objects.create_user(f"p{n}@vauban.example")) for n in range(9)]
people = create_people(net, rows, now)
(place,) = create_communities(net, [NewCommunity("Soudure", people[8], members=people)], now)
threads = [publish_post(viewer_for(people[8], now), place.group, widest_audience(place), body="<p>Question</p>").key for _ in range(20)]
def sign_in(account):
    session = SessionStore()
    session["_auth_user_id"] = str(account.pk)
    session["_auth_user_backend"] = "allauth.account.auth_backends.AuthenticationBackend"
    session["_auth_user_hash"] = account.get_session_auth_hash()
    session.create()
    return session.session_key
from parvis.core.items.readers import drain
from parvis.web.readers import READERS
drain(READERS, now)
answer = [[sign_in(row.account) for row in rows], threads]
"""

LOOK = """
from collections import Counter
from django.db.models import Count
from parvis.core.items.models import Item, SetAside, Signal
from parvis.core.items.readers import drain
from parvis.core.people.models import Network
from parvis.experience.notify.models import Notification
import tantivy
from parvis.insight.search.index import searcher_of
from parvis.steering.measures.models import Count as Counted
from parvis.web.readers import READERS
now = dt.datetime.now(dt.UTC)
drain(READERS, now)
comments = Item.objects.filter(kind="comment")
searcher = searcher_of(Network.objects.get().pk)
hits = searcher.search(tantivy.Query.all_query(), limit=100_000).hits
found = Counter(searcher.doc(address)["id"][0] for _, address in hits)
answer = {
    "deeds": Counter(comments.values_list("source_id", flat=True)),
    "texts": sorted(comments.values_list("text", flat=True)),
    "told": Counter(Signal.objects.filter(verb="Create", item__kind="comment").values_list("item_id", flat=True)).most_common(1)[0][1],
    "signals": Signal.objects.filter(verb="Create", item__kind="comment").count(),
    "comments": comments.count(),
    "answers": sum(Item.objects.filter(kind="post").values_list("answers", flat=True)),
    "indexed": sorted({found[pk] for pk in comments.values_list("pk", flat=True)}),
    "notified": [Notification.objects.filter(item__kind="comment").count(), Notification.objects.filter(item__kind="comment").values("item", "recipient", "channel").distinct().count()],
    "counted": [sum(Counted.objects.filter(verb="Create").values_list("count", flat=True)), Signal.objects.filter(verb="Create").count()],
    "aside": SetAside.objects.count(),
}
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_killed_at_random_nothing_is_lost_and_nothing_is_doubled(
    engine: str, tmp_path: Path, fresh_database: Databases
) -> None:
    place = Installation(tmp_path / "data", fresh_database(engine))
    place.migrate()
    sessions, threads = place.python(MAKE)
    with _running(place) as (port, supervisor):
        tokens = [uuid.uuid4().hex for _ in range(DEEDS)]
        ended = threading.Event()
        killer = threading.Thread(target=_kill, args=(supervisor.pid, ended))
        killer.start()
        share = [tokens[n::BROWSERS] for n in range(BROWSERS)]
        browsers = [
            threading.Thread(target=_post_all, args=(port, sessions[n], threads, share[n])) for n in range(BROWSERS)
        ]
        for browser in browsers:
            browser.start()
        for browser in browsers:
            browser.join()
        ended.set()
        killer.join()
    found = place.python(LOOK)
    assert found["texts"] == sorted(f"Réponse {token}" for token in tokens)
    assert set(found["deeds"].values()) == {1}
    assert found["told"] == 1 and found["signals"] == found["comments"] == found["answers"] == DEEDS
    assert set(found["indexed"]) == {1}
    assert found["notified"][0] == found["notified"][1] >= DEEDS
    assert found["counted"][0] == found["counted"][1]
    assert found["aside"] == 0


def _post_all(port: int, session: str, threads: list[str], tokens: list[str]) -> None:
    """Post each answer until the page says that it is there."""
    luck = random.Random(session)
    csrf = uuid.uuid4().hex
    cookies = {"parvis_session": session, "parvis_csrf": csrf}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", cookies=cookies, headers={"X-CSRFToken": csrf}) as browser:
        for token in tokens:
            form = {"body": f"Réponse {token}", "once": token}
            address = f"/vauban/t/{luck.choice(threads)}/answers"
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    answer = browser.post(address, data=form, timeout=30)
                    if answer.status_code in (200, 302):
                        break
                    assert answer.status_code >= 500, answer.text[:500]
                threading.Event().wait(0.05)


def _kill(supervisor: int, ended: threading.Event) -> None:
    luck = random.Random(7)
    while not ended.wait(luck.uniform(2, 6)):
        victims = [pid for pid, command in _below(supervisor) if "serve pages" in command or "parvis worker" in command]
        if victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(luck.choice(victims), signal.SIGKILL)


def _below(pid: int) -> list[tuple[int, str]]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, task.read_text().split()):
                with contextlib.suppress(OSError):
                    found.append((child, Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ")))
                found += _below(child)
    return found


@contextlib.contextmanager
def _running(place: Installation):  # type: ignore[no-untyped-def]
    port = _free_port()
    log = (place.data / "log.txt").open("w")
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, "run", "--empty", "--port", str(port)],
        env=place.environment(PARVIS_LOG="warning"),
        cwd=ROOT,
        stdout=log,
        stderr=log,
    )
    try:
        for _ in range(600):
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                    break
            threading.Event().wait(0.1)
        else:
            raise AssertionError((place.data / "log.txt").read_text()[-4000:])
        yield port, process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _free_port() -> int:
    """A port whose two neighbours are free too."""
    while True:
        port = random.randint(20_000, 50_000)
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for number in range(port, port + 3):
                stack.enter_context(contextlib.closing(socket.socket())).bind(("127.0.0.1", number))
            return port
