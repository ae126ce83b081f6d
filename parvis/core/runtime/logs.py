"""Structured logs: one line an event, `key=value`, on standard error. No names, no words of people."""

import json
import logging
import time


class LineFormatter(logging.Formatter):
    """`2026-01-31T09:30:00Z level=info logger=parvis.x message="…"`, with the traceback in one field."""

    def format(self, record: logging.LogRecord) -> str:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        message = json.dumps(record.getMessage(), ensure_ascii=False)
        line = f"{stamp} level={record.levelname.lower()} logger={record.name} message={message}"
        if record.exc_info:
            line += " error=" + json.dumps(self.formatException(record.exc_info), ensure_ascii=False)
        return line
