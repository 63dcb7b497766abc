"""Receives Patchdeck's webhooks: verifies each, and prints what is new. Standard library only; see docs/webhook.md.

python receive_webhook.py KEY_FILE [PORT]
"""

import base64
import hashlib
import hmac
import http.server
import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path

TOLERANCE_SECONDS = 300
MOST_BYTES = 16 << 20


class Refused(Exception):
    """The request is not from whoever has the key, or is played again."""


def verify(key: bytes, headers: Mapping[str, str], body: bytes, now: float) -> str:
    """The id of the message, if it is signed with ``key`` and was signed a moment ago."""
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    # Several signatures may stand there, with blanks between them: while a key is changed, one of each.
    given = [text.removeprefix("v1,") for text in headers.get("webhook-signature", "").split() if text[:3] == "v1,"]
    if not any(hmac.compare_digest(expected.encode(), text.encode()) for text in given):
        raise Refused("the signature is not right")
    if not timestamp.isdecimal() or abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        raise Refused("the time of the signature is too far away")
    return message_id


class Seen:
    """The ids of the last minutes. A message is sent again where our answer was lost; it is dealt with once."""

    def __init__(self) -> None:
        self._ids: dict[str, float] = {}

    def is_new(self, message_id: str, now: float) -> bool:
        """Whether the message was not seen before."""
        self._ids = {known: at for known, at in self._ids.items() if now - at <= 2 * TOLERANCE_SECONDS}
        return self._ids.setdefault(message_id, now) == now


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers 204 where it has the message, 401 where it does not trust it."""

    key = b""
    seen = Seen()

    def do_POST(self) -> None:
        """Takes a message."""
        size = int(self.headers.get("Content-Length", "0"))
        if size > MOST_BYTES:
            self.send_error(413)
            return
        body, now = self.rfile.read(size), time.time()
        try:
            message_id = verify(self.key, {name.lower(): value for name, value in self.headers.items()}, body, now)
        except Refused as error:
            self.send_error(401, str(error))
            return
        if self.seen.is_new(message_id, now):
            message = json.loads(body)
            # ascii(): nothing in a title can steer the terminal.
            print(message["kind"], ascii(message["title"]), message["facts"], flush=True)
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
        """Says nothing of requests."""


def main() -> None:
    """Serves on loopback until Ctrl-C; behind a proxy that speaks TLS, for other hosts."""
    text = Path(sys.argv[1]).read_text(encoding="ascii").strip()
    Handler.key = base64.b64decode(text.removeprefix("whsec_"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 8400), Handler)
    print(f"listening on port {server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
