"""The Enron mails as an mbox. Nothing is invented: what the data lacks (References, names) the archive lacks."""

from __future__ import annotations

import datetime as dt
import re
from email.utils import format_datetime
from pathlib import Path

from tests.archives.shared import rows, shared


def write_mbox(target: Path) -> int:
    """Writes every mail to `target` (mboxrd); returns how many."""
    count = 0
    with target.open("wb") as file:
        for row in rows(shared("data/enron-text/messages.jsonl.gz")):
            at = dt.datetime.fromisoformat(row["date"])
            headers = {
                "Message-ID": f"<{row['id']}>",
                "Date": format_datetime(at),
                "From": row["from"],
                "To": ", ".join(row["to"]),
                "Cc": ", ".join(row["cc"]),
                "Subject": " ".join(row["subject"].split()),
                "Content-Type": "text/plain; charset=utf-8",
                "Content-Transfer-Encoding": "8bit",
            }
            head = "".join(f"{name}: {value}\n" for name, value in headers.items() if value)
            text = re.sub(r"^(>*From )", r">\1", f"{head}\n{row['body']}\n", flags=re.MULTILINE)
            file.write(f"From {row['from']} {at:%a %b %d %H:%M:%S %Y}\n{text}\n".encode())
            count += 1
    return count
