"""Small archives written by hand, for the tests beside."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from parvis.exchange.imports.formats.mbox import Mbox
from parvis.exchange.imports.formats.slack import SlackExport
from parvis.exchange.imports.records import Archive, MessageRecord, Problem

SEPARATOR = "From ada@example.org Mon Mar  3 09:30:00 2025\n"


def mail(text: str = "Bonjour.", *, encoding: str = "utf-8", **headers: str) -> bytes:
    """A mail with its separator line; `message_id="a"` stands for `Message-ID: <a>`."""
    given = {"From": "Ada Lovelace <ada@example.org>", "Date": "Mon, 3 Mar 2025 10:30:00 +0100"}
    given |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    for name in ("Message-Id", "In-Reply-To", "References"):
        if name in given:
            given[name] = " ".join(f"<{one}>" for one in given[name].split())
    head = "".join(f"{name}: {value}\n" for name, value in given.items() if value)
    return (SEPARATOR + head + "\n" + text + "\n\n").encode(encoding)


def multipart(kind: str, *parts: str) -> dict[str, str]:
    """What `mail` needs to make a mail of several parts."""
    text = "".join(f"--B\n{part}\n" for part in parts) + "--B--\n"
    return {"text": text, "content_type": f'multipart/{kind}; boundary="B"', "message_id": "a"}


def mbox(folder: Path, *mails: bytes, name: str = "equipe.mbox") -> Mbox:
    path = folder / name
    path.write_bytes(b"".join(mails))
    return Mbox(path, name="Équipe", source="mbox:equipe")


USERS: list[dict[str, Any]] = [
    {"id": "U1", "team_id": "T1", "name": "ada", "profile": {"real_name": "Ada Lovelace", "email": "Ada@example.org"}},
    {"id": "U2", "team_id": "T1", "name": "zoé", "profile": {"real_name": "Zoé Bézier", "email": "zoe@example.org"}},
    {
        "id": "U3",
        "team_id": "T1",
        "name": "old",
        "deleted": True,
        "profile": {"real_name": "Old Timer", "email": "o@example.org"},
    },
    {
        "id": "U4",
        "team_id": "T1",
        "name": "guest",
        "is_restricted": True,
        "profile": {"real_name": "Gus Guest", "email": "g@x.org"},
    },
]


def said(ts: str, text: str, user: str = "U1", **more: Any) -> dict[str, Any]:
    return {"type": "message", "user": user, "text": text, "ts": ts, **more}


def slack_files(days: dict[str, Any] | None = None, **lists: Any) -> dict[str, Any]:
    """The entries of an export: a public channel, a private one, a direct conversation of two, one of three."""
    files: dict[str, Any] = {
        "users.json": USERS,
        "channels.json": [
            {"id": "C1", "name": "général", "creator": "U1", "members": ["U1", "U2", "U4"], "created": 1700000000}
        ],
        "groups.json": [{"id": "G1", "name": "direction", "creator": "U2", "members": ["U2", "U3"]}],
        "dms.json": [{"id": "D1", "members": ["U1", "U2"]}],
        "mpims.json": [{"id": "G2", "name": "mpdm-ada--zoé--old-1", "members": ["U1", "U2", "U3"]}],
    }
    files |= {f"{name}.json": value for name, value in lists.items()}
    default = {"général/2025-03-03.json": [said("1740990600.000100", "Bonjour <@U2>")]}
    return files | (default if days is None else days)


def zipped(path: Path, files: dict[str, Any], *, compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, value in files.items():
            archive.writestr(name, value if isinstance(value, (str, bytes)) else json.dumps(value))
    return path


def slack(folder: Path, days: dict[str, Any] | None = None, **lists: Any) -> SlackExport:
    return SlackExport(zipped(folder / "export.zip", slack_files(days, **lists)))


def messages(archive: Archive, after: int = 0) -> list[MessageRecord]:
    return [record for record in archive.records(after) if isinstance(record, MessageRecord)]


def problems(archive: Archive) -> list[str]:
    return [str(record) for record in archive.records() if isinstance(record, Problem)]


def read(file: io.BufferedIOBase | Any) -> bytes:
    with file:
        return bytes(file.read())


def one(found: Iterable[Any]) -> Any:
    (only,) = found
    return only
