"""Reading, noted while a page is served and written a second later: how far each person has read, and that they looked.

`Seen` never moves back. A `View` is its actor's alone; one is recorded for a person and a thread at most every ten
minutes. Views alone may be lost in a crash.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict

from django.db import connection, transaction

from parvis.core.items.log import Happening, record_many
from parvis.core.items.models import Item, Seen, Verb
from parvis.core.people.models import Person
from parvis.core.people.viewer import Viewer
from parvis.core.runtime import gather

_AGAIN = dt.timedelta(minutes=10)
_REMEMBERED = 20_000  # latest views kept to tell a new one from a reload

_Key = tuple[int, int]  # person, thread
_Note = tuple[int, dt.datetime]  # position, when


def note_read(viewer: Viewer, thread: Item, position: int) -> None:
    """Note that the viewer was shown a thread as it stood at `position` of the log.

    position: the log's head, read before the page's own queries.  Queries: 0; it is written within two seconds.
    """
    if viewer.person is not None:
        _gathering.note((viewer.person_id, thread.thread_id), (position, viewer.now))


def flush() -> int:
    """Write now what was noted. Returns how many (person, thread) pairs. For tests, and at the end of a process."""
    return _gathering.flush()


def forget() -> None:
    """Drop what was noted, and which views were recorded lately. For tests."""
    _gathering.forget()
    _viewed.clear()


def _later(former: _Note, new: _Note) -> _Note:
    return max(former[0], new[0]), max(former[1], new[1])


def _write(notes: dict[_Key, _Note]) -> None:
    with transaction.atomic():
        people = {p.pk: p for p in Person.objects.filter(pk__in={person for person, _ in notes})}
        threads = {t.pk: t for t in Item.objects.filter(pk__in={thread for _, thread in notes})}
        # In one order everywhere, so that two processes never wait for each other; gone threads are left out.
        kept = [(key, notes[key]) for key in sorted(notes) if key[0] in people and key[1] in threads]
        _raise_seen([(person, thread, position) for (person, thread), (position, _) in kept])
        fresh = [(key, at) for key, (_, at) in kept if _is_new(key, at)]
        record_many(
            [
                Happening(person, Verb.VIEW, at, threads[thread])
                for (person, thread), at in sorted(fresh, key=lambda f: f[1])
            ]
        )
    for key, at in fresh:
        _viewed[key] = at
        _viewed.move_to_end(key)
    while len(_viewed) > _REMEMBERED:
        _viewed.popitem(last=False)


def _raise_seen(rows: list[tuple[int, int, int]]) -> None:
    """Insert or raise, in one statement for 200 rows: both engines speak this."""
    table = Seen._meta.db_table
    for start in range(0, len(rows), 200):
        part = rows[start : start + 200]
        values = ",".join(["(%s, %s, %s)"] * len(part))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (person_id, thread_id, position) VALUES {values} "
                "ON CONFLICT (person_id, thread_id) DO UPDATE SET position = excluded.position "
                f"WHERE excluded.position > {table}.position",
                [value for row in part for value in row],
            )


_viewed: OrderedDict[_Key, dt.datetime] = OrderedDict()


def _is_new(key: _Key, at: dt.datetime) -> bool:
    return key not in _viewed or not _viewed[key] <= at < _viewed[key] + _AGAIN


_gathering: gather.Gathering[_Key, _Note] = gather.Gathering(_write, _later)
