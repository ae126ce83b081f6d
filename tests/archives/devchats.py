"""The developers' chats as a Slack export: users, channels, a file a day; a conversation becomes a thread.

The people are pseudonyms in the data. The e-mail addresses are made from them, in a domain that cannot exist.
"""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from collections import defaultdict
from pathlib import Path
from re import sub
from typing import Any

from tests.archives.shared import rows, shared

TEAM = "T0DEVCHAT"


def write_export(target: Path, *, limit: int | None = None) -> int:
    """Writes the first `limit` messages (None: all) to `target`; returns how many."""
    users: dict[str, str] = {}
    channels: dict[str, str] = {}
    members: dict[str, set[str]] = defaultdict(set)
    days: dict[str, list[dict[str, Any]]] = defaultdict(list)
    heads: dict[tuple[str, str], str] = {}
    seen: set[tuple[str, str]] = set()

    def user_id(name: str) -> str:
        return users.setdefault(name, f"U{len(users):08d}")

    count = 0
    for row in rows(shared("data/slack-devchats/messages.jsonl.gz")):
        if count == limit:
            break
        channel, at = row["channel"], dt.datetime.fromisoformat(row["ts"]).replace(tzinfo=dt.UTC)
        ts = f"{int(at.timestamp())}.{at.microsecond:06d}"
        while (channel, ts) in seen:  # a ts names one message; the data has a few twice
            at += dt.timedelta(microseconds=1)
            ts = f"{int(at.timestamp())}.{at.microsecond:06d}"
        seen.add((channel, ts))
        channels.setdefault(channel, f"C{len(channels):08d}")
        head = heads.setdefault((channel, row["conv"]), ts)
        user = user_id(row["user"])
        members[channel].add(user)
        text = sub(r"<@(\w+)>", lambda match: f"<@{user_id(match[1])}>", row["text"])
        message = {"type": "message", "user": user, "text": text, "ts": ts, "thread_ts": head, "team": TEAM}
        days[f"{channel}/{at:%Y-%m-%d}.json"].append(message)
        count += 1
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("users.json", json.dumps([_user(name, source_id) for name, source_id in users.items()]))
        archive.writestr(
            "channels.json",
            json.dumps(
                [
                    {
                        "id": source_id,
                        "name": name,
                        "created": 1480000000,
                        "is_archived": False,
                        "members": sorted(members[name]),
                        "topic": {"value": "", "creator": "", "last_set": 0},
                        "purpose": {"value": f"Questions and answers of {name}", "creator": "", "last_set": 0},
                    }
                    for name, source_id in channels.items()
                ]
            ),
        )
        for path, messages in sorted(days.items()):
            archive.writestr(path, json.dumps(messages))
    return count


def _user(name: str, source_id: str) -> dict[str, Any]:
    email = f"{sub(r'[^a-z0-9]', '', name.lower()) or source_id.lower()}.{source_id[-4:].lstrip('0') or '0'}@devchats.invalid"
    return {
        "id": source_id,
        "team_id": TEAM,
        "name": name.lower(),
        "deleted": False,
        "is_bot": False,
        "profile": {"real_name": name, "display_name": name, "email": email},
    }
