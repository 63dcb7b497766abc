"""A wrong password of a domain's account is tried on few machines; a right one holds nobody up."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from collectors.secrets import Secret
from collectors.transports.base import TransportFailed
from collectors.transports.opening import SshContext, open_transport
from collectors.transports.winrm_password_trials import MOST_REFUSALS, PasswordHeld, PasswordTrial, PasswordTrials
from collectors.windows.script_call import call_script
from fleet.failures import FailureKind
from fleet.machines import Machine
from tests.collectors.winrm.reaching import OnePassword, context_of, machine_at
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.peer import WinrmPeer

USER = "EXAMPLE\\patcher"
WRONG = Secret("not that")


def never() -> bool:
    """Nothing is over."""
    return False


async def outcome(machine: Machine, context: SshContext) -> str:
    """What came of greeting ``machine``: ``greeted``, or what came back."""
    try:
        await open_transport(machine, context).run(
            call_script("greet").payload, deadline_seconds=20.0, max_output_bytes=100_000
        )
    except TransportFailed as error:
        return f"{error.failure.kind}: {error.failure.came_back}"
    return "greeted"


async def outcomes(peer: WinrmPeer, user: str, secrets: OnePassword) -> tuple[list[str], int]:
    """What came of greeting six machines at once, and how often they refused a login."""
    peers = [PeerMachine(domain="EXAMPLE") for _ in range(6)]
    machines = [
        replace(machine_at(peer.add(each, "http"), user=user), name=f"web-{at}") for at, each in enumerate(peers)
    ]
    async with context_of(secrets) as context:
        said = await asyncio.gather(*(outcome(each, context) for each in machines))
    return said, sum(each.counters.logins_refused for each in peers)


async def test_wrong_password_of_a_domain_is_tried_twice(shared_peer: WinrmPeer) -> None:
    """On two of six machines that are asked at once; the others say which refused it, and that nothing was sent."""
    said, refusals = await outcomes(shared_peer, USER, OnePassword("not that"))

    held = [text for text in said if "was not sent" in text]
    assert len(held) == 6 - MOST_REFUSALS
    assert all(text.startswith(FailureKind.LOGIN_REFUSED) for text in said)
    assert all("web-" in text and "refused it" in text for text in held)
    assert refusals <= 2 * MOST_REFUSALS


async def test_right_password_holds_nobody_up(shared_peer: WinrmPeer) -> None:
    """All six are greeted."""
    assert await outcomes(shared_peer, USER, OnePassword()) == (["greeted"] * 6, 0)


async def test_wrong_password_of_a_local_user_is_tried_everywhere(shared_peer: WinrmPeer) -> None:
    """Each machine locks its own account, and may have the other password."""
    said, _ = await outcomes(shared_peer, "patcher", OnePassword("not that"))

    assert not any("was not sent" in text for text in said)


def test_password_that_was_taken_once_is_sent_to_everybody() -> None:
    """Whoever refuses it afterwards has a reason of its own."""
    trials = PasswordTrials()
    first = _trial(trials, "a")
    first.begin(never)
    first.end(is_taken=True)
    for name in "bcde":
        trial = _trial(trials, name)
        trial.begin(never)
        trial.end(is_refused=True)


def test_machine_that_says_nothing_of_the_password_makes_room() -> None:
    """One that hung up in the middle of the login neither took nor refused it."""
    trials = PasswordTrials()
    for name in "abcde":
        trial = _trial(trials, name)
        trial.begin(never)
        trial.end()


def test_another_password_of_the_same_user_is_tried() -> None:
    """As after it was mended in the middle of a run."""
    trials = PasswordTrials()
    for name in "ab":
        trial = _trial(trials, name)
        trial.begin(never)
        trial.end(is_refused=True)
    with pytest.raises(PasswordHeld, match="a, b"):
        _trial(trials, "c").begin(never)

    other = trials.trial("c", USER, Secret("another"))
    assert other is not None
    other.begin(never)


def test_who_waits_goes_on_once_it_was_taken_and_gives_up_once_it_is_over() -> None:
    """No more than two try at once."""
    trials = PasswordTrials()
    tried = [_trial(trials, name) for name in "ab"]
    for each in tried:
        each.begin(never)
    over = threading.Event()
    waiting = [_started(_trial(trials, "c").begin, never), _started(_trial(trials, "d").begin, over.is_set)]
    over.set()
    waiting[1].join(10)
    assert not waiting[1].is_alive()
    assert waiting[0].is_alive()
    tried[0].end(is_taken=True)
    waiting[0].join(10)
    assert not waiting[0].is_alive()


def _trial(trials: PasswordTrials, name: str) -> PasswordTrial:
    trial = trials.trial(name, USER, WRONG)
    assert trial is not None
    return trial


def _started(begin: Callable[[Callable[[], bool]], None], is_over: Callable[[], bool]) -> threading.Thread:
    thread = threading.Thread(target=begin, args=(is_over,), daemon=True)
    thread.start()
    return thread
