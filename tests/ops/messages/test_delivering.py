"""What becomes of messages in the outbox: delivered, tried again, given up; each attempt is known afterwards."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fleet.channels import Channel, ChannelKind
from fleet.deliveries import DeliveryStatus, Outcome
from fleet.errors import BadInput, UnknownName
from fleet.messages import MessageKind
from fleet.profiles import SecretOrigin, SecretPlace
from ops.config import Settings
from ops.home import Home
from ops.messages.book import find_message, list_deliveries, retry
from ops.messages.delivering import ChannelDelivery, Delivered
from ops.state.alerts import AlertBook
from ops.state.audit import Audit
from ops.state.database import opened
from ops.state.deliveries import StoredDelivery
from tests.ops.messages.conftest import AT, Receiver, keep, message, post

HOUR = timedelta(hours=1)


def hook(receiver: Receiver, path: str = "/in", **more: object) -> Channel:
    return Channel("id-1", "hook", ChannelKind.WEBHOOK, url=f"{receiver.url}{path}", **more)  # type: ignore[arg-type]


def deliver(home: Home, at: datetime = AT, channel: str = "hook") -> Delivered:
    return asyncio.run(ChannelDelivery(home, channel, Settings(), lambda: at).deliver())


def statuses(home: Home) -> list[tuple[str, str, str]]:
    return [(each.message.id, each.channel, each.status.value) for each in reversed(list_deliveries(home))]


def alerts(home: Home) -> list[tuple[str, str, str]]:
    with opened(home.state_file) as connection:
        events = [stored.event for stored in AlertBook(connection).events()]
    return [(event.state.value, event.key, event.description) for event in events]


def only(found: Sequence[StoredDelivery]) -> StoredDelivery:
    (delivery,) = found
    return delivery


def test_what_was_delivered_when_is_known_exactly(home: Home, receiver: Receiver) -> None:
    """In the order in which it was posted; the channel's case does not matter."""
    keep(home, hook(receiver, title="$title!"))
    post(home, message("m-1"), "HOOK", "hook")
    post(home, message("m-2"), "hook")
    assert deliver(home) == Delivered(2)
    assert [request.headers["webhook-id"] for request in receiver.received] == ["m-1", "m-2"]
    _, (delivery,) = find_message(home, "m-1")
    assert (delivery.status, delivery.next_at) == (DeliveryStatus.DELIVERED, None)
    (attempt,) = delivery.record.attempts
    assert (attempt.at, attempt.outcome, attempt.said) == (AT, Outcome.DELIVERED, "answered 204")
    assert delivery.record.sent is not None
    assert delivery.record.sent.title == "Disk low!"
    assert deliver(home) == Delivered()


def test_a_failure_is_tried_again_and_given_up_after_a_day(home: Home, receiver: Receiver) -> None:
    """Each time later; one failure ends the round, since the channel does not take anything."""
    keep(home, hook(receiver, "/broken"))
    post(home, message("m-1"), "hook")
    post(home, message("m-2", at=AT + 2 * HOUR), "hook")
    assert deliver(home).problem.startswith("answered 500: no")
    assert len(receiver.received) == 1
    _, (delivery,) = find_message(home, "m-1")
    assert (delivery.status, delivery.next_at) == (DeliveryStatus.WAITING, AT + timedelta(seconds=10))
    deliver(home, AT + 24 * HOUR)
    assert statuses(home) == [("m-1", "hook", "failed"), ("m-2", "hook", "waiting")]


def test_what_waits_behind_is_given_up_without_being_tried(home: Home, receiver: Receiver) -> None:
    """A thousand messages for a dead channel do not take a thousand timeouts; its fallback is told of all in one."""
    keep(home, Channel("id-2", "mail", ChannelKind.COMMAND, command=("/bin/true",)), hook(receiver, "/broken"))
    keep(home, hook(receiver, "/broken", fallback="mail"))
    for number in range(12):
        post(home, message(f"m-{number}"), "hook")
    deliver(home, AT + 25 * HOUR)
    assert len(receiver.received) == 1
    failed = list_deliveries(home, "hook", [DeliveryStatus.FAILED])
    assert len(failed) == 12
    told = only(list_deliveries(home, "mail"))
    assert (told.message.title, told.message.item_count) == ("Channel hook does not deliver", 12)
    assert "answered 500" in told.message.text


def test_a_channel_that_does_not_deliver_is_an_alert_until_it_does(home: Home, receiver: Receiver) -> None:
    """Opened once however much is lost, resolved once; a failed test is none."""
    keep(home, hook(receiver, "/malformed"))
    post(home, replace(message("m-0"), kind=MessageKind.TEST), "hook")
    deliver(home)
    assert alerts(home) == []
    for number in range(1, 3):
        post(home, message(f"m-{number}"), "hook")
    deliver(home)
    assert alerts(home) == [("Opened", "hook", "Disk low: answered 400")]
    keep(home, hook(receiver))
    for number in range(3, 5):
        post(home, message(f"m-{number}"), "hook")
    deliver(home, AT + HOUR)
    assert [state for state, _, _ in alerts(home)] == ["Opened", "Resolved"]


def test_what_tells_of_a_failure_is_told_no_further(home: Home, receiver: Receiver) -> None:
    """Two channels that stand in for each other do not write to each other for ever."""
    keep(home, hook(receiver, "/malformed"), replace(hook(receiver, "/malformed"), id="id-2", name="other"))
    keep(home, hook(receiver, "/malformed", fallback="other"))
    keep(home, replace(hook(receiver, "/malformed", fallback="hook"), id="id-2", name="other"))
    post(home, message("m-1"), "hook")
    deliver(home)
    deliver(home, channel="other")
    assert [status for _, _, status in statuses(home)] == ["failed", "failed"]


def test_what_is_refused_is_given_up_and_the_next_is_tried(home: Home, receiver: Receiver) -> None:
    """The receiver lives: it did not want that one."""
    keep(home, hook(receiver, "/malformed"))
    post(home, message("m-1"), "hook")
    post(home, message("m-2"), "hook")
    assert deliver(home) == Delivered(0)
    assert [status for _, _, status in statuses(home)] == ["failed", "failed"]


def test_a_channel_that_is_off_or_gone_skips(home: Home, receiver: Receiver) -> None:
    """Nothing waits for it."""
    keep(home, hook(receiver, is_enabled=False))
    post(home, message("m-1"), "hook", "gone")
    deliver(home)
    deliver(home, channel="gone")
    assert statuses(home) == [("m-1", "hook", "skipped"), ("m-1", "gone", "skipped")]
    assert receiver.received == []


def test_a_secret_that_cannot_be_had_is_a_failure_like_others(home: Home) -> None:
    """It is tried again, with why."""
    secret = SecretOrigin(SecretPlace.COMMAND, ("/bin/false",))
    keep(home, Channel("id-1", "hook", ChannelKind.WEBHOOK, secret=secret))
    post(home, message(), "hook")
    assert "'false' exited 1" in deliver(home).problem
    delivery = only(list_deliveries(home))
    assert (delivery.status, delivery.record.tries) == (DeliveryStatus.WAITING, 1)


def test_a_process_that_is_killed_in_between_sends_again_under_the_same_id(home: Home, receiver: Receiver) -> None:
    """What may have arrived is sent once more by the next one; nothing else is."""
    keep(home, hook(receiver, "/hang"))
    post(home, message("m-1"), "hook")
    script = (
        "import asyncio, pathlib, datetime\n"
        "from ops.config import Settings\nfrom ops.home import open_home\n"
        "from ops.messages.delivering import ChannelDelivery\n"
        f"delivery = ChannelDelivery(open_home(pathlib.Path({str(home.path)!r})), 'hook', Settings(), "
        "lambda: datetime.datetime.now(datetime.UTC))\nasyncio.run(delivery.deliver())"
    )
    killed = subprocess.Popen([sys.executable, "-c", script], cwd=Path(__file__).parents[3])
    deadline = time.monotonic() + 60
    while not receiver.received and time.monotonic() < deadline:
        time.sleep(0.02)
    killed.kill()
    killed.wait(10)
    assert only(list_deliveries(home)).status is DeliveryStatus.WAITING
    keep(home, hook(receiver))
    assert deliver(home) == Delivered(1)
    assert deliver(home) == Delivered()
    assert [request.headers["webhook-id"] for request in receiver.received] == ["m-1", "m-1"]


def test_somebody_can_have_it_sent_again(home: Home, receiver: Receiver) -> None:
    """Under the same id; the audit says who asked."""
    keep(home, hook(receiver, "/malformed"))
    post(home, message(), "hook", "gone")
    deliver(home)
    keep(home, hook(receiver))
    assert [each.channel for each in retry(home, (), None)] == ["hook"]
    delivery = only(list_deliveries(home, "hook"))
    assert (delivery.status, delivery.record.tries) == (DeliveryStatus.WAITING, 0)
    assert deliver(home, delivery.asked_at) == Delivered(1)
    assert [request.headers["webhook-id"] for request in receiver.received] == ["m-1", "m-1"]
    with opened(home.state_file) as connection:
        entry = Audit(connection).list_entries(1)[0]
    assert (entry.action, entry.target) == ("message.retry", "m-1 hook")


def test_a_message_is_found_by_the_beginning_of_its_id(home: Home) -> None:
    """Where it is the only one; a whole id always is."""
    for message_id in ("run-1", "run-12"):
        post(home, message(message_id), "hook")
    assert find_message(home, "run-1")[0].id == "run-1"
    assert find_message(home, "run-12")[0].id == "run-12"
    with pytest.raises(BadInput, match="Several messages begin with 'run-'"):
        find_message(home, "run-")
    for text in ("", "x"):
        with pytest.raises(UnknownName):
            find_message(home, text)
