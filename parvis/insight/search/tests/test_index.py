"""The index: one writer, nothing kept of what is deleted, nothing lost by a kill, rebuilt as it was."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from parvis.core.files.actions import attach, keep_file
from parvis.core.items.actions import delete_item, edit_item, remove_item, set_audience
from parvis.core.items.audiences import audience_of
from parvis.core.items.models import ReaderCursor
from parvis.core.items.readers import Unavailable, drain, step
from parvis.insight.search import index
from parvis.insight.search.index import Row
from parvis.insight.search.jobs import mend_indexes
from parvis.insight.search.queries import search
from parvis.insight.search.readers import SEARCH_INDEX, rebuild, system_rebuild
from parvis.insight.search.tests.test_search import finds, post
from parvis.work.communities.queries import widest_audience
from parvis.work.conversations.actions import publish_comment, save_post
from tests.cast import NOW, Cast, as_, at


def kept(network_id: int) -> list[dict]:
    """Every document of an index, as stored, by id."""
    import tantivy

    searcher = index.searcher_of(network_id)
    assert searcher is not None
    hits = searcher.search(tantivy.Query.all_query(), 100_000).hits if searcher.num_docs else []
    return sorted((searcher.doc(address).to_dict() for _, address in hits), key=lambda d: d["id"])


def row(n: int, **fields) -> Row:
    given = {"kind": "post", "place": 1, "author": 1, "thread": n, "language": "fr", "at": NOW, "principals": (0,)}
    return Row(**{"id": n, "key": f"key{n}", "title": "", "body": "canari", **given, **fields})


def build(network_id: int, rows: list[Row]) -> None:
    building = index.Building(network_id)
    building.writer.replace(rows, ())
    building.publish()


def test_deleting_and_replacing_leave_nothing_behind() -> None:
    build(7, [row(n, principals=(0, -3, 12)) for n in range(1, 11)])
    index.replace(7, [], range(1, 11))
    assert kept(7) == []
    index.replace(7, [row(1, body="un"), row(2, body="deux")], [])
    index.replace(7, [row(1, body="perruche")], [2])
    assert [(d["id"], d["principals"]) for d in kept(7)] == [([1], [0])]


def test_readers_see_each_commit_at_once_and_old_searchers_what_they_saw() -> None:
    build(7, [row(1)])
    before = index.searcher_of(7)
    index.replace(7, [row(2)], [])
    assert (before.num_docs, index.searcher_of(7).num_docs) == (1, 2)


def test_another_process_that_writes_is_named_and_the_reader_tries_again(cast: Cast, drain_log) -> None:
    drain_log()
    post(cast.claire, cast.soudure, "canari")
    index.close_all()
    held = index._open(index._folder(cast.vauban.pk)).writer(15_000_000, 1)
    with pytest.raises(index.IndexBusy, match="written by another process"):
        drain_log()
    assert ReaderCursor.objects.get(pk=SEARCH_INDEX.name).position > 0
    held.wait_merging_threads()
    drain_log()
    assert len(finds(cast.paul, "canari")) == 1


_WRITES = """
import django, datetime as dt
django.setup()
from parvis.insight.search import index
from parvis.insight.search.index import Row
now = dt.datetime(2026, 11, 18, tzinfo=dt.UTC)
building = index.Building(7); building.publish()
n = 0
while True:
    index.replace(7, [Row(n * 100 + i + 1, f"k{n}-{i}", "post", 1, 1, n, "fr", now, (0,), "", f"canari {i}") for i in range(100)], ())
    n += 1
    print(n, flush=True)
"""


@pytest.mark.slow
def test_a_kill_in_the_middle_of_writing_keeps_the_last_commit(tmp_path: Path) -> None:
    env = {**os.environ, "PARVIS_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "parvis.web.settings"}
    writer = subprocess.Popen([sys.executable, "-c", _WRITES], env=env, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    committed = 0
    for line in writer.stdout:
        committed = int(line)
        if committed >= 20:
            break
    writer.send_signal(signal.SIGKILL)
    more = writer.stdout.read().split()
    writer.wait()
    committed = int(more[-1]) if more else committed
    settings.SEARCH_INDEX = tmp_path / "index"
    found = index.searcher_of(7).num_docs
    assert found in (committed * 100, (committed + 1) * 100)
    index.replace(7, [row(10**6)], [1])  # the killed writer's lock is not in the way
    assert index.searcher_of(7).num_docs == found


def test_rebuilding_gives_what_reading_the_log_gave(cast: Cast, drain_log) -> None:
    drain_log()
    first = post(cast.claire, cast.soudure, "Le débit d’eau", title="Ligne 3")
    publish_comment(as_(cast.paul), first, body="<p>Présentée hier</p>")
    drain_log()
    second = post(cast.paul, cast.direction, "To be kept quiet, please, in this language")
    attach(cast.paul, second, [keep_file("Plan social.pdf", [b"%PDF-1.4"])])
    gone = post(cast.paul, cast.soudure, "Une erreur")
    removed = post(cast.paul, cast.soudure, "Un gros mot")
    publish_comment(as_(cast.nadia), removed, body="<p>Bravo</p>")
    drain_log()
    delete_item(as_(cast.paul), gone)
    remove_item(as_(cast.claire), removed)
    edit_item(as_(cast.claire), first, title="Ligne 4", body="<p>Le débit</p>", revision=1)
    save_post(as_(cast.claire), cast.soudure.group, widest_audience(cast.soudure), title="", body="brouillon")
    set_audience(as_(cast.paul), second, audience_of(cast.vauban, [-cast.paul.pk, -cast.denise.pk]))
    drain_log()
    read = kept(cast.vauban.pk)
    rebuild()
    assert kept(cast.vauban.pk) == read
    assert {d["kind"][0] for d in read} == {"post", "comment", "document", "community"}
    assert len(finds(cast.denise, "plan social")) == 1 and finds(cast.claire, "plan social") == []


def test_reading_signals_twice_changes_nothing(cast: Cast, drain_log) -> None:
    drain_log()
    first = post(cast.claire, cast.soudure, "Le débit d’eau")
    publish_comment(as_(cast.paul), first, body="<p>Présentée hier</p>")
    drain_log()
    read = kept(cast.vauban.pk)
    ReaderCursor.objects.filter(pk=SEARCH_INDEX.name).update(position=0)
    drain_log()
    assert kept(cast.vauban.pk) == read


def test_searching_goes_on_while_an_index_is_rebuilt_and_nothing_said_meanwhile_is_lost(
    cast: Cast, drain_log, monkeypatch
) -> None:
    made = post(cast.claire, cast.soudure, "canari")
    drain_log()
    publish = index.Building.publish
    seen = []

    def meanwhile(building: index.Building) -> None:
        seen.append(finds(cast.paul, "canari"))
        late.append(post(cast.paul, cast.soudure, "canari tardif"))
        drain_log()  # the live reader takes it, into the index that is about to go
        publish(building)

    late: list = []
    monkeypatch.setattr(index.Building, "publish", meanwhile)
    system_rebuild(cast.vauban.pk)
    monkeypatch.undo()
    assert seen == [[made.key]]
    drain_log()
    assert set(finds(cast.paul, "canari")) == {made.key, late[0].key}
    folders = [p.name for p in (settings.SEARCH_INDEX / str(cast.vauban.pk)).iterdir()]
    assert len(folders) == 2, folders  # the one in use, and its link


def test_an_index_that_was_wiped_is_built_again(cast: Cast, drain_log) -> None:
    post(cast.claire, cast.soudure, "canari")
    drain_log()
    index.close_all()
    index._link(cast.vauban.pk).unlink()
    assert not search(as_(cast.paul), "canari").is_ready
    mend_indexes()
    assert len(finds(cast.paul, "canari")) == 1


def test_a_full_disk_sets_nothing_aside(cast: Cast, drain_log, monkeypatch) -> None:
    drain_log()
    post(cast.claire, cast.soudure, "canari")
    before = ReaderCursor.objects.get(pk=SEARCH_INDEX.name).position

    def full(row: Row) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(index, "_document", full)
    with pytest.raises(Unavailable):
        drain_log()
    assert ReaderCursor.objects.get(pk=SEARCH_INDEX.name).position == before
    monkeypatch.undo()
    drain_log()
    assert len(finds(cast.paul, "canari")) == 1


def test_in_a_burst_small_batches_wait_a_second_and_full_ones_do_not(cast: Cast) -> None:
    drain([SEARCH_INDEX], NOW)
    post(cast.claire, cast.soudure, "canari")
    assert step(SEARCH_INDEX, NOW + dt.timedelta(seconds=5)) > 0
    post(cast.claire, cast.soudure, "canari")
    assert step(SEARCH_INDEX, NOW + dt.timedelta(seconds=5.4)) == 0
    assert step(SEARCH_INDEX, NOW + dt.timedelta(seconds=6.1)) > 0
    post(cast.claire, cast.soudure, "canari", hours=2)
    small = SEARCH_INDEX.__class__(**{**vars(SEARCH_INDEX), "batch": 1})
    assert step(small, NOW + dt.timedelta(seconds=6.2)) == 1
    assert at() == NOW


def test_where_more_match_than_are_looked_at_the_choice_does_not_depend_on_how_the_index_was_written(
    monkeypatch,
) -> None:
    from types import SimpleNamespace

    from parvis.insight.search import engine
    from parvis.insight.search.typed import parse

    monkeypatch.setattr(engine, "POOL", 10)
    monkeypatch.setattr(engine, "_WIDEST", 40)
    viewer = SimpleNamespace(principals=frozenset({0}))
    shown = [row(n, at=NOW - dt.timedelta(days=n % 3)) for n in range(1, 60)]
    hidden = [row(n, principals=(-5,)) for n in range(100, 150)]
    chosen = []
    for rows in (shown, shown[::-1], hidden + shown[30:] + shown[:30], shown[::2] + hidden + shown[1::2]):
        build(7, rows)
        found, is_cut = engine.best(index.searcher_of(7), viewer, parse("canari"), engine.Filters(), lambda term: 1.0)
        assert is_cut and found
        chosen.append({one.id for one in found})
    assert chosen == [chosen[0]] * 4
