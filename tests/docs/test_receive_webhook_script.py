"""docs/scripts/receive_webhook.py verifies what Patchdeck sends, and nothing else."""

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fleet.alerts.severity import Severity
from fleet.channels import Channel, ChannelKind
from fleet.message_json import MessageSource
from fleet.messages import Message, MessageKind
from fleet.webhook_signatures import sign, write_key
from ops.messages.carrying.parcels import Route
from ops.messages.carrying.webhook import carry
from ops.messages.wording import word

ROOT = Path(__file__).parents[2]
KEY = bytes(range(32))
AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def script(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """The script, listening."""
    (tmp_path / "key").write_text(write_key(KEY), encoding="ascii")
    process = subprocess.Popen(
        [sys.executable, ROOT / "docs" / "scripts" / "receive_webhook.py", tmp_path / "key", "0"],
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.wait(10)


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_it_takes_what_is_signed_once_and_nothing_else(script: "subprocess.Popen[str]") -> None:
    """Sent twice it is dealt with once; what is forged, changed or old is refused."""
    url = f"http://127.0.0.1:{said(script).rpartition(' ')[2]}/"
    message = Message("m-1", MessageKind.ALERT_OPENED, Severity.ERROR, AT, "Disk low", facts={"machine": "web-01"})
    parcel = word(Channel("1", "hook", ChannelKind.WEBHOOK), message, MessageSource("console", "/srv/x"))
    route = Route(ChannelKind.WEBHOOK, 10.0, url, signing_key=write_key(KEY))
    assert [carry(route, parcel).said for _ in range(2)] == ["answered 204"] * 2
    assert said(script) == "alert.opened '[Error] Disk low' {'machine': 'web-01'}"
    forged = Route(ChannelKind.WEBHOOK, 10.0, url, signing_key=write_key(KEY[::-1]))
    assert carry(forged, parcel).said.startswith("answered 401")
    body, now = b'{"kind": "test", "title": "t", "facts": {}}', datetime.now(UTC)
    attempts = (
        (sign(KEY, "m-2", now - timedelta(minutes=6), body), body),
        (sign(KEY, "m-2", now, body), body + b" "),
        (sign(KEY, "m-2", now, body) | {"webhook-id": "m-3"}, body),
        (sign(KEY, "m-2", now, body) | {"webhook-signature": ""}, body),
    )
    for headers, content in attempts:
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(urllib.request.Request(url, content, headers), timeout=60)
    urllib.request.urlopen(urllib.request.Request(url, body, sign(KEY, "m-2", now, body)), timeout=60).close()
    assert said(script) == "test 't' {}"
