"""A tiny program for the supervisor's tests: `fake_program.py NAME MANNER [PORT]`. Says on standard output what happens to it.

Manners: `good` stops when asked; `deaf` does not; `dies` ends at once with code 3; `answers` is good, and answers HTTP on PORT;
`parent` is good, and starts a child of its own that is deaf; `done` ends at once with code 0.
"""

import http.server
import os
import signal
import subprocess
import sys
import threading


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        pass


def say(text: str) -> None:
    os.write(1, f"{name} {text}\n".encode())


def stop(*_: object) -> None:
    say("stopped")
    os._exit(0)


name, manner = sys.argv[1:3]
signal.signal(signal.SIGTERM, signal.SIG_IGN if manner == "deaf" else stop)
if manner == "answers":
    server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[3])), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
if manner == "parent":
    subprocess.Popen([sys.executable, __file__, name + "-child", "deaf"])
say(f"started {os.getpid()}")
if manner in {"dies", "done"}:
    sys.exit(3 if manner == "dies" else 0)
while True:
    signal.pause()
