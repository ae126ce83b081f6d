"""Structured logs: one line an event, `key=value`, on standard error. No names, no words of people."""

import json
import logging
import re
import time

_SECRET = re.compile(r"[^/]{20,}")  # longer than a key of ours: what an invitation or a mailed link is opened with


class WithoutSecrets(logging.Filter):
    """Django's lines about requests tell an address without the secrets that it may hold."""

    def filter(self, record: logging.LogRecord) -> bool:
        if hasattr(record, "request") and isinstance(record.args, tuple):
            record.args = tuple(_SECRET.sub("…", str(value)) if "/" in str(value) else value for value in record.args)
        return True


class LineFormatter(logging.Formatter):
    """`2026-01-31T09:30:00Z level=info logger=parvis.x message="…"`, with the traceback in one field."""

    def format(self, record: logging.LogRecord) -> str:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        message = json.dumps(record.getMessage(), ensure_ascii=False)
        line = f"{stamp} level={record.levelname.lower()} logger={record.name} message={message}"
        if record.exc_info:
            line += " error=" + json.dumps(self.formatException(record.exc_info), ensure_ascii=False)
        return line
