"""The process that carries messages: told a route first, then parcels, each answered; over its standard streams.

Nothing else is ever written to its standard output, which libraries might do: it is put aside at the start.
"""

import os
import resource
import signal
import sys
from collections.abc import Callable
from types import FrameType

from fleet.channels import ChannelKind
from fleet.deliveries import Answer
from fleet.hostile import clean
from ops.messages.carrying.parcels import ANSWERS, PARCELS, ROUTES, Parcel, Route, failed
from ops.messages.masking import mask

# More than the one who asked waits: where that one is gone, the process ends itself with all that it began.
_SPARE_SECONDS = 10
_LONGEST_ANSWER = 500
# What a hostile receiver may make a library take.
_MOST_MEMORY_BYTES = 2 << 30


def main() -> None:
    """Carries what comes on standard input until it ends."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        # A terminal sends them to all: the one who asked decides.
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, _end_all)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _limit_memory()
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    lines = iter(sys.stdin.buffer.readline, b"")
    route = ROUTES.load(next(lines))
    carry = carrier_of(route.kind)
    for line in lines:
        signal.alarm(int(route.deadline_seconds) + _SPARE_SECONDS)
        answer = _carry(carry, route, PARCELS.load(line))
        signal.alarm(0)
        answers.write(f"{ANSWERS.dump(answer)}\n")
        answers.flush()


def carrier_of(kind: ChannelKind) -> Callable[[Route, Parcel], Answer]:
    """What carries parcels of channels of that kind."""
    match kind:
        case ChannelKind.WEBHOOK:
            from ops.messages.carrying.webhook import carry
        case ChannelKind.SMTP:
            from ops.messages.carrying.mail import carry
        case ChannelKind.COMMAND:
            from ops.messages.carrying.program import carry
        case ChannelKind.APPRISE:
            from ops.messages.carrying.services import carry
    return carry


def _end_all(_number: int, _frame: FrameType | None) -> None:
    os.killpg(0, signal.SIGKILL)


def _limit_memory() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    limit = _MOST_MEMORY_BYTES if most == resource.RLIM_INFINITY else min(_MOST_MEMORY_BYTES, most)
    resource.setrlimit(resource.RLIMIT_AS, (limit, most))


def _carry(carry: Callable[[Route, Parcel], Answer], route: Route, parcel: Parcel) -> Answer:
    try:
        answer = carry(route, parcel)
    # The edge of the process: of what nobody foresaw, the kind is told and never the text, which may hold a secret.
    except Exception as error:  # noqa: BLE001
        answer = failed(f"it could not be sent: {type(error).__name__}")
    said = clean(mask(answer.said, (route.url, route.password, route.signing_key)), _LONGEST_ANSWER)
    return Answer(answer.outcome, said, answer.wait_seconds)


if __name__ == "__main__":
    main()
