"""Killed at random: each deed is there once, and each effect of each reader exactly once.

Hundreds of answers are posted to the real pages by eight browsers, while pages and worker are killed (SIGKILL) at
random, some as they start, and the supervisor starts them again. A browser that got no answer sends the same form
again, as a person would. How many deeds: PARVIS_KILL_DEEDS, 600 by default.
"""

from __future__ import annotations

import contextlib
import logging
import os
import random
import signal
import subprocess
import sys
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.databases import Databases
from tests.installation import ROOT, Installation, free_port, until

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

# What differs from what should be there, in words: the deed, then the effect.
LOOK = """
from collections import Counter
from parvis.core.items.models import Item, ReaderCursor, SetAside, Signal, Verb
from parvis.core.items.readers import drain
from parvis.core.people.models import Network
from parvis.experience.notify.models import Notification
from parvis.insight.search.index import searcher_of
from parvis.steering.measures.models import Count as Counted
from parvis.web.readers import READERS
import tantivy
drain(READERS, dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1))  # whatever pause a reader makes is over

wanted = json.loads(sys.stdin.read())
comments = dict(Item.objects.filter(kind="comment").values_list("pk", "text"))
deeds, told = Counter(comments.values()), Counter(Signal.objects.filter(verb=Verb.CREATE).values_list("item_id", flat=True))
searcher = searcher_of(Network.objects.get().pk)
found = Counter(searcher.doc(address)["id"][0] for _, address in searcher.search(tantivy.Query.all_query(), limit=100_000).hits)
rows = Notification.objects.filter(item__kind="comment")
notices = Counter(rows.values_list("item", "recipient", "channel"))
noticed = {pk for pk, _, _ in notices}
count_of = lambda verb: (sum(Counted.objects.filter(verb=verb).values_list("count", flat=True)), Signal.objects.filter(verb=verb).count())
answers = dict(Item.objects.filter(kind="post").values_list("pk", "answers"))
there = Counter(Item.objects.filter(kind="comment").values_list("root", flat=True))
answer = [f"{text}: there {deeds[text]} times" for text in sorted(set(wanted) | set(deeds)) if deeds[text] != wanted.count(text)]
answer += [f"{text}: {told[pk]} signals" for pk, text in comments.items() if told[pk] != 1]
answer += [f"{text}: {found[pk]} times in the index" for pk, text in comments.items() if found[pk] != 1]
answer += [f"{text}: nobody was notified" for pk, text in comments.items() if pk not in noticed]
answer += [f"{comments[pk]}: person {person} notified {n} times by {channel}" for (pk, person, channel), n in notices.items() if n != 1]
answer += [f"thread {pk} says {n} answers and has {there[pk]}" for pk, n in answers.items() if n != there[pk]]
answer += [f"{verb}: {count} counted, {signals} signals" for verb in set(Verb) - {Verb.VIEW} for count, signals in [count_of(verb)] if count != signals]
answer += [f"set aside by {row.reader}: {row.position}, {row.error}" for row in SetAside.objects.all()]
"""


def test_killed_at_random_nothing_is_lost_and_nothing_is_doubled(tmp_path: Path, fresh_database: Databases) -> None:
    place = Installation(tmp_path / "data", fresh_database.of_this_run())
    place.migrate()
    sessions, threads = place.python(MAKE)
    tokens = [uuid.uuid4().hex for _ in range(DEEDS)]
    with _running(place) as (port, supervisor):
        ended, posted = threading.Event(), set[str]()
        killer = threading.Thread(target=_kill, args=(supervisor.pid, ended, posted))
        killer.start()
        with ThreadPoolExecutor(BROWSERS) as browsers:
            posting = [
                browsers.submit(_post_all, port, sessions[n], threads, tokens[n::BROWSERS], posted)
                for n in range(BROWSERS)
            ]
        ended.set()
        killer.join()
        for browser in posting:
            browser.result()  # raises what went wrong in it
    differences = place.python(LOOK, given=[f"Réponse {token}" for token in tokens])
    assert not differences, _told(differences, place)


def _told(differences: list[str], place: Installation) -> str:
    """A few of the differences, and what the processes complained of, other than of having been killed."""
    log = [line for line in (place.data / "log.txt").read_text().splitlines() if "SIGKILL" not in line]
    return "\n".join([f"{len(differences)} differences", *differences[:8], "the last lines of the log:", *log[-12:]])


def _post_all(port: int, session: str, threads: list[str], tokens: list[str], posted: set[str]) -> None:
    """Post each answer until the page says that it is there."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # a line for each request would hide what failed
    luck = random.Random(session)
    csrf = uuid.uuid4().hex
    cookies = {"parvis_session": session, "parvis_csrf": csrf}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", cookies=cookies, headers={"X-CSRFToken": csrf}) as browser:
        for token in tokens:
            form = {"body": f"Réponse {token}", "once": token}
            thread = f"/vauban/t/{luck.choice(threads)}"
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    answer = browser.post(f"{thread}/answers", data=form, timeout=30)
                    if answer.status_code < 500:
                        told = f"{answer.status_code} {answer.headers.get('Location', '')}"
                        assert told.startswith(f"302 {thread}?at="), f"{token}: {told} {answer.text[:300]}"
                        posted.add(token)
                        break
                threading.Event().wait(0.05)


def _kill(supervisor: int, ended: threading.Event, posted: set[str]) -> None:
    """Kill pages or worker, again and again; mostly once some answers were taken since the last time, however slow."""
    luck = random.Random()
    while not ended.wait(luck.uniform(0, 4)):
        victims = [pid for pid, command in _below(supervisor) if "serve pages" in command or "parvis worker" in command]
        if victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(luck.choice(victims), signal.SIGKILL)
        enough = len(posted) + luck.choice((0, 1, 5, 20))
        while len(posted) < enough and not ended.wait(0.05):
            pass


def _below(pid: int) -> list[tuple[int, str]]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, task.read_text().split()):
                with contextlib.suppress(OSError):
                    found.append((child, Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ")))
                found += _below(child)
    return found


def _is_ready(port: int) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=60).status_code == 200
    return False


@contextlib.contextmanager
def _running(place: Installation):  # type: ignore[no-untyped-def]
    port = free_port()
    log = (place.data / "log.txt").open("w")
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, "run", "--empty", "--port", str(port)],
        env=place.environment(PARVIS_LOG="warning"),
        cwd=ROOT,
        stdout=log,
        stderr=log,
    )
    try:
        until(lambda: process.poll() is not None or _is_ready(port), 120, 0.1)
        assert process.poll() is None, (place.data / "log.txt").read_text()[-4000:]
        yield port, process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(180)
