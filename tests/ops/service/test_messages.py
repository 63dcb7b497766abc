"""The duty of messages: each channel by itself, within bounds, and nothing lost or sent twice without need."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from fleet.alerts.severity import Severity
from fleet.channels import Channel, ChannelKind
from fleet.deliveries import DeliveryStatus
from fleet.messages import Message, MessageKind
from ops.config import Settings
from ops.home import Home
from ops.messages.book import list_deliveries, retry
from ops.messages.delivering import Delivered
from ops.service.messages import MessagesDuty
from ops.state.channels import ChannelBook
from ops.state.database import opened
from ops.state.outbox import Outbox
from tests.ops.service.conftest import BEGINNING, Console

_SECOND, _HOUR = timedelta(seconds=1), timedelta(hours=1)


class Channels:
    """Stands in for what delivers: ``dead`` channels take nothing, ``slow`` ones wait until they are ``released``."""

    def __init__(self) -> None:
        self.dead: set[str] = set()
        self.slow: set[str] = set()
        self.released = asyncio.Event()
        self.asked: list[str] = []
        self.at_once = self.most_at_once = 0

    async def deliver(
        self, home: Home, name: str, settings: Settings, clock: Callable[[], datetime], may_go_on: Callable[[], bool]
    ) -> Delivered:
        self.asked.append(name)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        if name in self.slow:
            await self.released.wait()
        self.at_once -= 1
        if name in self.dead:
            return Delivered(0, "no route to host")
        with opened(home.state_file) as connection:
            connection.execute("UPDATE deliveries SET next_at = NULL, status = 'delivered' WHERE channel = ?", (name,))
        return Delivered(1)


def post(console: Console, *channels: str, kind: MessageKind = MessageKind.ALERT_OPENED, number: int = 1) -> None:
    message = Message(f"m-{kind}-{number}", kind, Severity.ERROR, console.time.wall(), "Disk low")
    with opened(console.home.state_file) as connection:
        Outbox(connection).post(message, channels)


def busy(duty: MessagesDuty) -> Sequence[asyncio.Task[None]]:
    return [lane.task for lane in duty._lanes.values() if lane.task is not None and not lane.task.done()]


async def settled(duty: MessagesDuty) -> None:
    while tasks := busy(duty):
        await asyncio.wait(tasks)


async def when(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def attend(duty: MessagesDuty, console: Console) -> datetime | None:
    next_at = await duty.attend(console.look())
    await settled(duty)
    return next_at


def test_a_dead_channel_delays_no_other(console: Console) -> None:
    """While it hangs, and while it is left alone; it is left alone for longer each time."""
    channels = Channels()
    channels.dead, channels.slow = {"dead"}, {"dead"}

    async def run() -> None:
        duty = MessagesDuty(console.post(), channels.deliver)
        post(console, "dead", "mail")
        await duty.attend(console.look())
        await when(lambda: sorted(channels.asked) == ["dead", "mail"] and len(busy(duty)) == 1)
        post(console, "mail", number=2)
        await duty.attend(console.look())
        channels.released.set()
        await settled(duty)
        assert channels.asked.count("mail") == 2
        assert [trouble.text for trouble in duty.troubles()] == ["channel dead takes no messages: no route to host"]
        assert await attend(duty, console) == BEGINNING + 10 * _SECOND
        console.time.true = 11 * _SECOND
        await attend(duty, console)
        assert await attend(duty, console) == BEGINNING + 31 * _SECOND
        assert channels.asked.count("dead") == 2

    asyncio.run(run())


def test_a_look_that_began_before_a_channel_failed_does_not_open_it_again(console: Console) -> None:
    """What is read takes its time: the channel that failed meanwhile is left alone all the same."""
    channels = Channels()
    channels.dead = {"dead"}

    async def run() -> None:
        duty = MessagesDuty(console.post(), channels.deliver)
        post(console, "dead")
        early = console.look()
        console.time.true = 1 * _SECOND
        await attend(duty, console)
        assert await duty.attend(early) == BEGINNING + 11 * _SECOND
        await settled(duty)
        assert channels.asked == ["dead"]

    asyncio.run(run())


def test_channels_are_served_a_few_at_once_and_dead_ones_take_half_of_the_places(console: Console) -> None:
    """However many there are: a channel that lives finds a place."""
    channels = Channels()
    names = [f"dead-{number}" for number in range(20)]
    channels.dead, channels.slow = set(names), set(names)
    console.settings = replace(console.settings, messages_at_once=4)

    async def run() -> None:
        duty = MessagesDuty(console.post(), channels.deliver)
        post(console, *names)
        await duty.attend(console.look())
        await when(lambda: channels.at_once == 4)
        channels.released.set()
        for _ in range(6):
            await attend(duty, console)
        assert (channels.most_at_once, sorted(set(channels.asked))) == (4, sorted(names))
        channels.released.clear()
        console.time.true = _HOUR
        channels.asked.clear()
        post(console, "zz-mail", number=2)
        await duty.attend(console.look())
        await when(lambda: len(channels.asked) == 3 and len(busy(duty)) == 2)
        assert (channels.asked.count("zz-mail"), channels.at_once) == (1, 2)
        channels.released.set()
        await settled(duty)

    asyncio.run(run())


def test_who_waits_for_a_test_is_not_kept_waiting(console: Console) -> None:
    """Also where the channel failed a moment ago; and so with what is to be sent again."""
    channels = Channels()
    channels.dead = {"mail"}
    with opened(console.home.state_file) as connection:
        ChannelBook(connection).put(Channel("1", "mail", ChannelKind.COMMAND, command=("/bin/true",)))

    async def run() -> None:
        duty = MessagesDuty(console.post(), channels.deliver)
        post(console, "mail")
        await attend(duty, console)
        await attend(duty, console)
        assert channels.asked == ["mail"]
        post(console, "mail", kind=MessageKind.TEST)
        await attend(duty, console)
        assert channels.asked == ["mail", "mail"]

    asyncio.run(run())


def test_a_channel_that_was_changed_is_tried_at_once(console: Console) -> None:
    """Somebody has mended it, and waits for no hour to see that."""
    channels = Channels()
    channels.dead = {"mail"}
    channel = Channel("1", "mail", ChannelKind.COMMAND, command=("/bin/false",))
    with opened(console.home.state_file) as connection:
        ChannelBook(connection).put(channel)

    async def run() -> None:
        duty = MessagesDuty(console.post(), channels.deliver)
        post(console, "mail")
        await attend(duty, console)
        with opened(console.home.state_file) as connection:
            ChannelBook(connection).put(replace(channel, command=("/bin/true",)))
        await attend(duty, console)
        await attend(duty, console)
        assert channels.asked == ["mail", "mail"]

    asyncio.run(run())


def test_a_clock_that_is_set_back_keeps_no_message(console: Console) -> None:
    """What waits for a time that is too far ahead is due."""
    channels = Channels()

    async def run() -> None:
        duty = MessagesDuty(console.post(), channels.deliver)
        post(console, "mail")
        console.time.offset = -100 * _HOUR
        await attend(duty, console)
        assert channels.asked == ["mail"]

    asyncio.run(run())


def test_an_error_of_one_channel_is_the_trouble_of_that_one(console: Console) -> None:
    """And it is tried again."""

    async def deliver(
        home: Home, name: str, settings: Settings, clock: Callable[[], datetime], may_go_on: Callable[[], bool]
    ) -> Delivered:
        raise RuntimeError("broken")

    async def run() -> None:
        duty = MessagesDuty(console.post(), deliver)
        post(console, "mail")
        await attend(duty, console)
        assert [trouble.text for trouble in duty.troubles()] == ["channel mail takes no messages: RuntimeError"]
        assert await attend(duty, console) == BEGINNING + 10 * _SECOND

    asyncio.run(run())


def test_old_messages_are_let_go_and_those_that_wait_stay(console: Console) -> None:
    """After as many days as the setting says."""
    post(console, "mail")
    post(console, "hook", number=2)
    with opened(console.home.state_file) as connection:
        connection.execute("UPDATE deliveries SET next_at = NULL, status = 'delivered' WHERE channel = 'mail'")
    console.time.true = timedelta(days=91)
    channels = Channels()
    channels.dead = {"hook"}
    asyncio.run(attend(MessagesDuty(console.post(), channels.deliver), console))
    assert [(each.channel, each.status) for each in list_deliveries(console.home)] == [("hook", DeliveryStatus.WAITING)]


def test_what_could_not_be_delivered_is_the_trouble_of_the_service(console: Console) -> None:
    """By the next service too, until something arrives or the channel is removed."""
    with opened(console.home.state_file) as connection:
        ChannelBook(connection).put(Channel("1", "mail", ChannelKind.COMMAND, command=("/bin/false",)))
        post(console, "mail")
        connection.execute("UPDATE deliveries SET next_at = NULL, status = 'failed'")
    duty = MessagesDuty(console.post())
    asyncio.run(attend(duty, console))
    (trouble,) = duty.troubles()
    assert trouble.text.startswith("channel mail could not deliver 'Disk low'")


@pytest.mark.parametrize("command", ["/bin/true", "/bin/false"])
def test_the_real_thing_delivers(console: Console, command: str) -> None:
    """From the outbox to a program, and what came of it is known."""
    with opened(console.home.state_file) as connection:
        ChannelBook(connection).put(Channel("1", "mail", ChannelKind.COMMAND, command=(command,)))
    post(console, "mail")
    duty = MessagesDuty(console.post())

    async def run() -> None:
        await attend(duty, console)
        await duty.end()
        assert await duty.attend(console.look()) is None

    asyncio.run(run())
    (delivery,) = list_deliveries(console.home)
    assert delivery.record.last_said == f"exited {int(command == '/bin/false')}"
    assert retry(console.home, [delivery.message.id], "mail")[0].status is DeliveryStatus.WAITING


def test_a_channel_that_cannot_be_read_delays_no_other(console: Console) -> None:
    """What a newer Patchdeck or a broken disk left there is a trouble of that one."""
    with opened(console.home.state_file) as connection:
        ChannelBook(connection).put(Channel("1", "mail", ChannelKind.COMMAND, command=("/bin/true",)))
        connection.execute("INSERT INTO channels VALUES ('broken', '{}')")
    post(console, "broken", "mail")
    duty = MessagesDuty(console.post())
    asyncio.run(attend(duty, console))
    found = {each.channel: each.status for each in list_deliveries(console.home)}
    assert found == {"broken": DeliveryStatus.WAITING, "mail": DeliveryStatus.DELIVERED}
    assert any("cannot be read" in trouble.text for trouble in duty.troubles())
