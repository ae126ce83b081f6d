"""Slack export: a zip of people, places and one file of messages for each place and day.

Day files are read one by one, all places of a day before the next day; nothing is kept but the lists of people and places.
A place that no list names is not read, since who could see it is not known.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from parvis.exchange.imports.formats.mrkdwn import Names
from parvis.exchange.imports.formats.slack_rows import (
    Place,
    as_message,
    as_person,
    as_place,
    as_stranger,
    team_of,
    time_key,
)
from parvis.exchange.imports.formats.texts import decode, one_line, short_id
from parvis.exchange.imports.formats.zips import ENTRY_OUTSIDE, EntryError, SafeZip, ZipLimits
from parvis.exchange.imports.records import (
    ArchiveError,
    PersonRecord,
    Problem,
    Record,
    Visibility,
    gettext_noop,
)

# From most readers to fewest; None: only those who are named.
_PLACES = {
    "channels.json": Visibility.PUBLIC,
    "groups.json": Visibility.SECRET,
    "mpims.json": None,
    "dms.json": None,
}
_PEOPLE = ("users.json", "org_users.json")
_DAY_FILE = re.compile(r"(?P<folder>[^/]+)/(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})\.json")

NOT_AN_EXPORT = gettext_noop("This is not a Slack export: it holds neither channels.json nor another list of places.")
NOT_JSON = gettext_noop("This file is not the JSON that it should be (%(error)s). It was skipped.")
NOT_A_LIST = gettext_noop("This file should hold a list. It was skipped.")
NOT_A_MESSAGE = gettext_noop("This is not a message that can be read (%(error)s). It was skipped.")
NOT_A_PLACE = gettext_noop("This place has no name or no id. It was skipped.")
NOT_A_PERSON = gettext_noop("This person has no id. They were skipped.")
NOT_LISTED = gettext_noop("No list names this place, so who may see it is not known. It was skipped.")
LISTED_TWICE = gettext_noop("Two lists name this place. The one with fewer readers was taken.")
NO_MEMBERS = gettext_noop("This private conversation names no members. It was skipped.")


@dataclass(frozen=True, slots=True)
class _Day:
    entry: str
    place: Place
    start: int  # the position before its first message
    end: int


class SlackExport:
    """An opened export. A position is the unpacked bytes of the day files before, plus the number of the message."""

    def __init__(self, path: Path, *, limits: ZipLimits | None = None) -> None:
        self._zip = SafeZip(path, limits)
        self._problems = [Problem(name[:200], ENTRY_OUTSIDE) for name in self._zip.outside]
        self._team = ""
        try:
            self._prefix = self._find_prefix()
            self._people = self._read_people()
            self._places = self._read_places()
            self._days = self._find_days()
        except BaseException:
            self._zip.close()
            raise
        public = {
            place.id: place.group.name
            for place in self._places.values()
            if place.group is not None and place.group.visibility is Visibility.PUBLIC
        }
        self._names = Names(self._person_name, lambda source_id: public.get(source_id, ""))
        self.source = short_id(f"slack:{self._team}" if self._team else "slack", 40)

    @property
    def size(self) -> int:
        return self._days[-1].end if self._days else 0

    def close(self) -> None:
        self._zip.close()

    def records(self, after: int = 0) -> Iterator[Record]:
        if not after:
            yield from self._problems
        yield from self._people.values()
        yield from (place.group for place in self._places.values() if place.group is not None)
        met = set(self._people)
        for day in self._days:
            if day.end > after:
                yield from self._messages(day, after, met)

    def _messages(self, day: _Day, after: int, met: set[str]) -> Iterator[Record]:
        where = day.entry.removeprefix(self._prefix)
        try:
            rows = self._load(day.entry)
        except EntryError as error:
            yield Problem(where, error.reason, error.values, day.end)
            return
        rows.sort(key=time_key)
        for number, row in enumerate(rows, start=1):
            position = day.start + number
            if position <= after:
                continue
            try:
                message = as_message(row, day.place, self._names, position)
            except ValueError as error:
                yield Problem(f"{where}#{number}", NOT_A_MESSAGE, {"error": error}, position)
                continue
            if message is None:
                continue
            if message.author not in met:
                met.add(message.author)
                yield as_stranger(row, message.author)
            yield message

    def _person_name(self, source_id: str) -> str:
        person = self._people.get(source_id)
        return person.name if person is not None else ""

    def _find_prefix(self) -> str:
        """The folder that holds the lists: "", or the one that somebody packed them into."""
        found = [name for name in self._zip.names if name.rpartition("/")[2] in _PLACES]
        if not found:
            raise ArchiveError(NOT_AN_EXPORT)
        folder = min(found, key=lambda name: name.count("/")).rpartition("/")[0]
        return f"{folder}/" if folder else ""

    def _read_people(self) -> dict[str, PersonRecord]:
        people: dict[str, PersonRecord] = {}
        for file in _PEOPLE:
            for number, row in enumerate(self._list(file), start=1):
                person = as_person(row)
                if person is None:
                    self._problems.append(Problem(f"{file}#{number}", NOT_A_PERSON))
                    continue
                people[person.source_id] = person
                self._team = self._team or team_of(row)
        return people

    def _read_places(self) -> dict[str, Place]:
        """Places by folder. Of two with one folder the one with fewer readers counts."""
        places: dict[str, Place] = {}
        for file, visibility in _PLACES.items():
            for number, row in enumerate(self._list(file), start=1):
                place, where = as_place(row, visibility), f"{file}#{number}"
                if place is None:
                    self._problems.append(Problem(where, NOT_A_PLACE))
                    continue
                if place.folder in places:
                    self._problems.append(Problem(f"{where} ({place.folder})", LISTED_TWICE))
                places[place.folder] = place
        for place in [one for one in places.values() if one.group is None and not one.members]:
            self._problems.append(Problem(place.folder, NO_MEMBERS))
            del places[place.folder]
        return places

    def _find_days(self) -> list[_Day]:
        """Day files by day, then place."""
        found: list[tuple[str, str, str]] = []
        unknown: set[str] = set()
        for name in self._zip.names:
            match = _DAY_FILE.fullmatch(name.removeprefix(self._prefix)) if name.startswith(self._prefix) else None
            if match is None:
                continue
            folder = unicodedata.normalize("NFC", match["folder"])
            if folder in self._places:
                found.append((match["day"], folder, name))
            else:
                unknown.add(folder)
        self._problems += [Problem(folder[:200], NOT_LISTED) for folder in sorted(unknown)]
        found.sort()
        ends = list(accumulate(self._zip.size_bytes(name) for _, _, name in found))
        return [
            _Day(name, self._places[folder], end - self._zip.size_bytes(name), end)
            for (_, folder, name), end in zip(found, ends, strict=True)
        ]

    def _list(self, file: str) -> list[Any]:
        if self._prefix + file not in self._zip:
            return []
        try:
            return self._load(self._prefix + file, is_list=True)
        except EntryError as error:
            self._problems.append(Problem(file, error.reason, error.values))
            return []

    def _load(self, name: str, *, is_list: bool = False) -> list[Any]:
        """The list in a JSON file.  Raises EntryError."""
        try:
            value = json.loads(decode(self._zip.read(name, is_list=is_list)))
        except (RecursionError, ValueError) as error:
            raise EntryError(NOT_JSON, error=one_line(str(error), 120)) from None
        if not isinstance(value, list):
            raise EntryError(NOT_A_LIST)
        return value
