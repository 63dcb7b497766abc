"""Whatever goes wrong on any message: the right failure, the first one, and no shell left on the machine.

The rows are those that pywinrm was measured with: what it raises itself ranges from requests' exceptions to a
StopIteration, which would leave asyncio waiting for ever.
"""

import pytest

from collectors.transports.base import TransportFailed
from collectors.windows.script_call import call_script
from fleet.failures import Failure, FailureKind
from fleet.winrm import WinrmKind
from tests.collectors.winrm.reaching import machine_at, reaching
from tests.winrm_peer.faults import FaultKind as Fault
from tests.winrm_peer.faults import Message
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.peer import WinrmPeer

LOST = FailureKind.CONNECTION_LOST
FOREIGN = FailureKind.NOT_WINRM
CLEAR = FailureKind.ENCRYPTION_REQUIRED
REFUSED = FailureKind.LOGIN_REFUSED
LATE = FailureKind.DEADLINE_EXCEEDED
SKEWED = FailureKind.CLOCK_SKEWED
UNSAID = FailureKind.NO_SHELL

# What a fault on Command, Send and Receive is, with Basic and with NTLM; None: it goes well all the same.
IN_SESSION = {
    Fault.DROP: (LOST, LOST),
    Fault.RESET: (LOST, LOST),
    Fault.HANG: (LATE, LATE),
    Fault.LOST_ANSWER: (LOST, LOST),
    Fault.HTTP500: (LOST, LOST),
    Fault.HTTP500_TEXT: (LOST, LOST),
    Fault.HTTP503: (LOST, LOST),
    Fault.HTTP502_HTML: (LOST, LOST),
    Fault.HTML200: (FOREIGN, FOREIGN),
    Fault.XHTML200: (FOREIGN, FOREIGN),
    Fault.PORTAL: (FOREIGN, FOREIGN),
    Fault.LATIN1_HTML500: (LOST, LOST),
    Fault.EMPTY200: (FOREIGN, FOREIGN),
    Fault.BAD_REQUEST: (LOST, LOST),
    Fault.UNAUTHORIZED: (REFUSED, None),
    Fault.CLOCK_SKEW: (SKEWED, None),
    Fault.SHORT_BODY: (LOST, LOST),
    Fault.DRIBBLE: (None, None),
    Fault.TRUNCATE_XML: (LOST, LOST),
    Fault.BAD_RELATES: (FOREIGN, FOREIGN),
    Fault.BAD_MAC: (None, FOREIGN),
    Fault.PLAIN: (None, CLEAR),
    Fault.DISGUISED: (None, CLEAR),
    Fault.ENTITIES: (FOREIGN, FOREIGN),
    Fault.ENTITIES500: (FOREIGN, FOREIGN),
    Fault.GARBAGE: (FOREIGN, FOREIGN),
    Fault.FAULT: (LOST, LOST),
    Fault.TIMEOUT_FAULT: (LOST, LOST),
}
# The machine has made a shell then, and its name never arrived: it is gone when it was idle for five minutes.
LEAVES_A_SHELL = {
    Fault.LOST_ANSWER,
    Fault.SHORT_BODY,
    Fault.TRUNCATE_XML,
    Fault.BAD_RELATES,
    Fault.BAD_MAC,
    Fault.PLAIN,
    Fault.DISGUISED,
    Fault.ENTITIES,
}
OTHERWISE = {
    (Message.COMMAND, Fault.FAULT): UNSAID,
    (Message.RECEIVE, Fault.TIMEOUT_FAULT): None,
    # The input is taken to have arrived, as Ansible takes it; this machine then waits for it.
    (Message.SEND, Fault.TIMEOUT_FAULT): LATE,
}
# What is waited for until the deadline, or for five seconds; all else is answered before, on a busy machine too.
DEADLINE_SECONDS = {(Message.SEND, Fault.TIMEOUT_FAULT): 0.3, (Message.SEND, Fault.FAULT): 2.0}
BEFORE_SESSION = {
    Fault.HTTP500: FOREIGN,
    Fault.HTTP500_TEXT: FOREIGN,
    Fault.HTTP502_HTML: FOREIGN,
    Fault.LATIN1_HTML500: FOREIGN,
    Fault.BAD_REQUEST: FOREIGN,
    Fault.HANG: FailureKind.LOGIN_TIMED_OUT,
    Fault.FAULT: UNSAID,
}
WAYS = [WinrmKind.BASIC, WinrmKind.NTLM]


async def attempt(peer: WinrmPeer, kind: WinrmKind, on: Message, fault: Fault) -> tuple[Failure | None, int]:
    """The failure of a run with ``fault``, and how many shells it left behind."""
    machine = PeerMachine()
    machine.limits.allows_unencrypted = True
    endpoint = peer.add(machine)
    machine.faults.add(on, fault, seconds=0.05)
    failure = None
    async with reaching(machine_at(endpoint, kind)) as transport:
        try:
            deadline = 0.3 if fault is Fault.HANG else DEADLINE_SECONDS.get((on, fault), 60.0)
            await transport.run(call_script("greet").payload, deadline_seconds=deadline, max_output_bytes=100_000)
        except TransportFailed as error:
            failure = error.failure
    return failure, machine.counters.shells_open


def expected(on: Message, fault: Fault, kind: WinrmKind) -> FailureKind | None:
    """What the tables above say."""
    if (on, fault) in OTHERWISE:
        return OTHERWISE[on, fault]
    if on is Message.CREATE and fault in BEFORE_SESSION:
        return BEFORE_SESSION[fault]
    return IN_SESSION[fault][WAYS.index(kind)]


@pytest.mark.parametrize("kind", WAYS)
@pytest.mark.parametrize("fault", IN_SESSION)
@pytest.mark.parametrize("on", [Message.CREATE, Message.COMMAND, Message.SEND, Message.RECEIVE])
async def test_each_fault_on_each_message_is_told_and_leaves_nothing(
    shared_peer: WinrmPeer, on: Message, fault: Fault, kind: WinrmKind
) -> None:
    """The kind says what happened, never what happened to the clean-up, and no shell stays."""
    failure, shells_left = await attempt(shared_peer, kind, on, fault)

    wanted = expected(on, fault, kind)
    assert (failure.kind if failure else None) == wanted, failure
    is_unknown = on is Message.CREATE and fault in LEAVES_A_SHELL and wanted is not None
    assert shells_left == (1 if is_unknown else 0)


@pytest.mark.parametrize("kind", WAYS)
@pytest.mark.parametrize("fault", [fault for fault in IN_SESSION if fault is not Fault.HANG])
@pytest.mark.parametrize("on", [Message.SIGNAL, Message.DELETE])
async def test_a_fault_while_cleaning_up_spoils_nothing(
    shared_peer: WinrmPeer, on: Message, fault: Fault, kind: WinrmKind
) -> None:
    """What the script said counts, and the shell is deleted over a new connection."""
    failure, shells_left = await attempt(shared_peer, kind, on, fault)

    assert failure is None
    assert shells_left == 0


@pytest.mark.parametrize(
    ("fault", "wanted"),
    [
        (Fault.DROP, LOST),
        (Fault.RESET, LOST),
        (Fault.HTTP503, LOST),
        (Fault.HTTP502_HTML, FOREIGN),
        (Fault.HTML200, FOREIGN),
        (Fault.XHTML200, FOREIGN),
        (Fault.PORTAL, FOREIGN),
        (Fault.EMPTY200, FOREIGN),
        (Fault.GARBAGE, FOREIGN),
        (Fault.UNAUTHORIZED, REFUSED),
    ],
)
async def test_a_fault_while_logging_in_is_told(shared_peer: WinrmPeer, fault: Fault, wanted: FailureKind) -> None:
    """Whatever answers in the middle of NTLM is named; the machine has no shell then."""
    failure, shells_left = await attempt(shared_peer, WinrmKind.NTLM, Message.LOGIN, fault)

    assert failure is not None
    assert failure.kind is wanted
    assert shells_left == 0
