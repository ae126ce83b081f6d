"""The rows of a Slack export (JSON that may hold anything) as records."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from parvis.exchange.imports.formats.emoji import emoji
from parvis.exchange.imports.formats.mrkdwn import Names, mentions, to_html
from parvis.exchange.imports.formats.texts import escape, link, one_line, short_id
from parvis.exchange.imports.records import (
    FileRecord,
    GroupRecord,
    MessageRecord,
    PersonHint,
    PersonRecord,
    Reaction,
    Visibility,
)

Row = dict[str, Any]

_KEPT_SUBTYPES = frozenset(
    ["bot_message", "me_message", "thread_broadcast", "file_share", "file_comment", "file_mention", "slackbot_response"]
)
_TS = re.compile(r"([0-9]{1,10})(?:\.([0-9]{1,6})[0-9]{0,6})?")
_MAX_BODY = 200_000  # characters of markup; Slack itself allows 40,000
_MAX_NAME = 120


@dataclass(frozen=True, slots=True)
class Place:
    """A channel, or a direct conversation (`group` is None): there `members` are the only readers."""

    id: str
    folder: str
    members: tuple[str, ...]
    group: GroupRecord | None


def as_place(row: Any, visibility: Visibility | None) -> Place | None:
    """The place in a row of channels.json and its like (visibility None: direct); None where it lacks a name or an id."""
    row = _object(row)
    name, source_id = _text(row.get("name"), _MAX_NAME), _id(row.get("id"))
    if not source_id or not (name or visibility is None):
        return None
    folder = unicodedata.normalize("NFC", name or source_id)
    members = _ids(row.get("members"))
    if visibility is None:
        return Place(source_id, folder, members, None)
    purpose, topic = (_text(_object(row.get(key)).get("value"), 500) for key in ("purpose", "topic"))
    group = GroupRecord(
        source_id=source_id,
        name=name,
        visibility=visibility,
        description=purpose or topic,
        members=members,
        owner=_id(row.get("creator")) or None,
        is_archived=row.get("is_archived") is True,
    )
    return Place(source_id, folder, members, group)


def as_person(row: Any) -> PersonRecord | None:
    """The person in a row of users.json; None where it has no id."""
    row = _object(row)
    source_id, profile = _id(row.get("id")), _object(row.get("profile"))
    if not source_id:
        return None
    kind = PersonHint.MEMBER
    if row.get("is_bot") or source_id == "USLACKBOT":
        kind = PersonHint.APPLICATION
    elif row.get("is_restricted") or row.get("is_ultra_restricted"):
        kind = PersonHint.GUEST
    email = _text(profile.get("email"), 254).lower()
    return PersonRecord(
        source_id=source_id,
        name=_name(profile.get("real_name"), row.get("real_name"), profile.get("display_name"), row.get("name"))
        or source_id,
        email=email if "@" in email and " " not in email else None,
        kind=kind,
        is_active=not row.get("deleted"),
        title=_text(profile.get("title"), _MAX_NAME),
    )


def as_stranger(row: Row, source_id: str) -> PersonRecord:
    """Who wrote `row` but is not among the people listed: an application, or somebody of another company."""
    if source_id.startswith("bot:"):
        name = _name(row.get("username"), _object(row.get("bot_profile")).get("name"), source_id[4:])
        return PersonRecord(source_id, name, kind=PersonHint.APPLICATION)
    profile = _object(row.get("user_profile"))
    name = _name(profile.get("real_name"), profile.get("display_name"), profile.get("name"), source_id)
    return PersonRecord(source_id, name, kind=PersonHint.GUEST, is_active=False, is_listed=False)


def as_message(row: Any, place: Place, names: Names, position: int) -> MessageRecord | None:
    """The message in `row`; None for what nobody said (somebody joined).  Raises ValueError for what cannot be read."""
    if not isinstance(row, dict):
        raise ValueError("not an object")
    subtype = row.get("subtype") or "bot_message"
    if row.get("type", "message") != "message" or subtype not in _KEPT_SUBTYPES or row.get("hidden") is True:
        return None
    ts, head, text = row.get("ts"), row.get("thread_ts"), row.get("text") or ""
    at = as_instant(ts)
    if at is None:
        raise ValueError("no time")
    if not isinstance(text, str):
        raise ValueError("its text is not text")
    body = to_html(text[:_MAX_BODY], names)
    if subtype == "me_message":
        body = body.replace("<p>", "<p><em>").replace("</p>", "</em></p>")
    body += _attached(row, names, has_text=bool(text.strip()))
    files = tuple(_files(row.get("files")))
    if not body and not files:
        return None
    is_answer = head != ts and as_instant(head) is not None
    thread = f"{place.id}:{head if is_answer else ts}"
    return MessageRecord(
        source_id=f"{place.id}:{ts}",
        author=_author(row),
        at=at,
        body=body,
        position=position,
        group=place.id if place.group is not None else None,
        parent=thread if is_answer else None,
        thread=thread,
        mentions=mentions(text),
        reactions=tuple(_reactions(row.get("reactions"))),
        files=files,
        edited_at=as_instant(_object(row.get("edited")).get("ts")),
        private_to=place.members if place.group is None else None,
    )


def as_instant(ts: Any) -> dt.datetime | None:
    """The instant that a Slack time ("1546214400.504800") means."""
    match = _TS.fullmatch(ts) if isinstance(ts, str) else None
    if match is None:
        return None
    return dt.datetime.fromtimestamp(int(match[1]), dt.UTC).replace(microsecond=int((match[2] or "0").ljust(6, "0")))


def time_key(row: Any) -> tuple[bool, float]:
    """Sorts rows by their time; those without one come last, in their order."""
    at = as_instant(row.get("ts")) if isinstance(row, dict) else None
    return at is None, at.timestamp() if at is not None else 0.0


def team_of(row: Any) -> str:
    """The workspace of a person, or ""."""
    team = _object(row).get("team_id")
    return team if isinstance(team, str) and re.fullmatch(r"[A-Z0-9]{1,30}", team) else ""


def _author(row: Row) -> str:
    for value in (
        row.get("user"),
        _object(row.get("bot_profile")).get("user_id"),
        _object(row.get("comment")).get("user"),
    ):
        if source_id := _id(value):
            return source_id
    bot = _id(row.get("bot_id") or row.get("username"))
    if not bot:
        raise ValueError("no author")
    return short_id(f"bot:{bot}")


def _reactions(value: Any) -> Iterator[Reaction]:
    for row in _objects(value):
        name = _text(row.get("name"), 60)
        for person in _ids(row.get("users")) if name else ():
            yield Reaction(emoji(name) or name, person)


def _files(value: Any) -> Iterator[FileRecord]:
    """Files are links in an export; those that Slack no longer holds are left out."""
    for row in _objects(value):
        url = _text(row.get("url_private_download") or row.get("url_private") or row.get("permalink"), 2000)
        if row.get("mode") in ("tombstone", "hidden_by_limit") or not _is_web(url):
            continue
        size = row.get("size")
        yield FileRecord(
            name=re.split(r"[/\\]", _text(row.get("name") or row.get("title"), 200))[-1] or "?",
            media_type=_text(row.get("mimetype"), 120) or "application/octet-stream",
            size_bytes=size if isinstance(size, int) and size >= 0 else None,
            url=url,
        )


def _attached(row: Row, names: Names, *, has_text: bool) -> str:
    """What applications attach to their messages, as HTML; previews of links are left out."""
    blocks: list[str] = []
    for one in _objects(row.get("attachments"))[:20]:
        if "from_url" in one or "original_url" in one or one.get("is_msg_unfurl"):
            continue
        title, url = _text(one.get("title"), 300), _text(one.get("title_link"), 2000)
        if title:
            blocks.append(f"<p>{link(url, escape(title)) if _is_web(url) else escape(title)}</p>")
        for key in ("pretext", "text"):
            if isinstance(one.get(key), str):
                blocks.append(to_html(one[key][:_MAX_BODY], names))
        if not blocks and not has_text:
            blocks.append(to_html(_text(one.get("fallback"), 2000), names))
    return "".join(blocks)


def _is_web(url: str) -> bool:
    return url.startswith(("https://", "http://"))


def _name(*values: Any) -> str:
    return next((name for name in (_text(value, _MAX_NAME) for value in values) if name), "")


def _text(value: Any, limit: int) -> str:
    return one_line(value, limit) if isinstance(value, str) else ""


def _object(value: Any) -> Row:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[Row]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _id(value: Any) -> str:
    return short_id(value) if isinstance(value, str) else ""


def _ids(value: Any) -> tuple[str, ...]:
    found = [_id(one) for one in value] if isinstance(value, list) else []
    return tuple(dict.fromkeys(one for one in found if one))
