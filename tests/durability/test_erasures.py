"""An erasure reaches the ledger, whatever happens to the process that erased."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import Databases
from tests.installation import ROOT, Installation, until

pytestmark = pytest.mark.slow

MAKE = """
from parvis.core.people.actions import *
from parvis.core.people.viewer import viewer_for
from parvis.work.communities.actions import *
from parvis.work.communities.queries import widest_audience
from parvis.work.conversations.actions import *
now = dt.datetime(2026, 11, 18, 9, 30, tzinfo=dt.UTC)
net = create_network("vauban", "Ateliers Vauban", now)
(claire,) = create_people(net, [NewPerson("Claire")], now)
(place,) = create_communities(net, [NewCommunity("Soudure", claire)], now)
v = viewer_for(claire, now)
answer = [publish_post(v, place.group, widest_audience(place), body=f"<p>{n}</p>").key for n in range(3)]
"""

DELETE = """
import os, signal
from parvis.core.items import erasures
from parvis.core.items.actions import delete_item
from parvis.core.items.models import Item
from parvis.core.people.viewer import viewer_for
if "killed" in sys.argv:
    erasures.system_write_out = lambda: os.kill(os.getpid(), signal.SIGKILL)
item = Item.objects.get(key=sys.argv[1])
delete_item(viewer_for(item.author, dt.datetime(2026, 11, 20, tzinfo=dt.UTC)), item)
answer = sorted(erasures.read())
"""


def test_a_worker_writes_the_erasure_of_a_process_killed_before_it_could(
    tmp_path: Path, fresh_database: Databases
) -> None:
    place = Installation(tmp_path / "data", fresh_database.of_this_run())
    place.migrate()
    keys = place.python(MAKE)
    with pytest.raises(AssertionError, match="ended with -9"):
        place.python(DELETE, keys[0], "killed")
    ledger = place.data / "erasures.jsonl"
    assert not ledger.exists()
    worker = subprocess.Popen([sys.executable, "-m", "parvis", "worker"], env=place.environment(), cwd=ROOT)
    try:
        until(lambda: ledger.exists() and keys[0] in ledger.read_text())
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(120)


def test_a_line_that_was_begun_and_not_finished_spoils_no_other(tmp_path: Path) -> None:
    place = Installation(tmp_path / "data")
    place.migrate()
    first, second, third = place.python(MAKE)
    place.python(DELETE, first)
    ledger = place.data / "erasures.jsonl"
    os.truncate(ledger, ledger.stat().st_size - 1)  # the end of its line is lost
    assert place.python(DELETE, second) == sorted([first, second])
    os.truncate(ledger, ledger.stat().st_size - 5)
    assert place.python(DELETE, third) == sorted([first, third])
