"""The readers on real conversations, where the data is at hand."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from parvis.exchange.imports.formats.mbox import Mbox
from parvis.exchange.imports.formats.slack import SlackExport
from parvis.exchange.imports.records import Archive, MessageRecord, PersonRecord, Problem
from tests.archives import devchats, enron


def counted(archive: Archive) -> tuple[int, int, int, list[str]]:
    """Messages, those of them that answer one read before, people, problems."""
    seen: set[str] = set()
    answers = people = 0
    problems = []
    for record in archive.records():
        if isinstance(record, MessageRecord):
            answers += record.parent in seen or record.thread != record.source_id and record.thread in seen
            seen.add(record.source_id)
        people += isinstance(record, PersonRecord)
        if isinstance(record, Problem):
            problems.append(str(record))
    return len(seen), answers, people, problems


@pytest.mark.slow
def test_the_enron_mails_are_read_whole(tmp_path: Path) -> None:
    count = enron.write_mbox(tmp_path / "enron.mbox")
    messages, answers, people, problems = counted(Mbox(tmp_path / "enron.mbox", name="Enron", source="mbox:enron"))
    assert (messages, people, problems) == (count, 1359, [])
    assert answers > 100  # by their subjects: the corpus has no References


@pytest.mark.slow
def test_the_developers_chats_are_read_whole_in_little_memory(tmp_path: Path) -> None:
    count = devchats.write_export(tmp_path / "chats.zip")
    tracemalloc.start()
    try:
        messages, answers, people, problems = counted(SlackExport(tmp_path / "chats.zip"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (messages, people, problems) == (count - 1, 1470, [])  # one is empty
    assert answers == 46839
    assert peak < 40 * 2**20  # of which the ids that this test keeps
