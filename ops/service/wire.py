"""What the service and those who may not write its home say to each other: a line of JSON each, of a known shape.

The asker is not trusted. Whatever is not exactly of that shape is refused, before anything is looked at.
"""

import json
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, get_args, get_type_hints

from fleet.errors import BadInput
from fleet.hostile import clean
from fleet.roles import Deed
from ops.state.documents import Codec

# A thousand machines by their ids take 40 KB.
MOST_REQUEST_BYTES = 1024 * 1024
# One reply holds a plan at most: some kilobytes a machine.
MOST_REPLY_BYTES = 512 * 1024 * 1024
_MOST_WORDS = 50_000
_MOST_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. Machines are meant by their ids, deployments and runs by name and id; a target only narrows.

    ``command`` and ``ssh_client`` are the asker's own words for the audit; who asks, the kernel says. ``login``: for
    whom the server of `patchdeck serve-ssh` asks, which is the owner of the home. ``goes_on``: what was asked for goes
    on when the connection is cut, and ends by a word (any byte).
    """

    deed: Deed
    machine_ids: tuple[str, ...] = ()
    refresh: bool = False
    deadline_seconds: float = 0.0
    deployment: str = ""
    targets: tuple[str, ...] = ()
    window_minutes: int = 0
    opens_at: datetime | None = None
    required_plan: str = ""
    run: str = ""
    reason: str = ""
    command: str = ""
    ssh_client: str = ""
    login: str = ""
    goes_on: bool = False


class ReplyKind(StrEnum):
    """What a reply says; the last four end the answer."""

    ALIVE = "alive"
    BEGUN = "begun"
    FINISHED = "finished"
    STORED = "stored"
    PLANNED = "planned"
    NOTE = "note"
    ASSESSED = "assessed"
    PLAN = "plan"
    ASKED = "asked"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Reply:
    """A line of the answer. ``name`` is a machine's or run's id, or the kind of a refusal; ``document`` is JSON."""

    kind: ReplyKind
    name: str = ""
    text: str = ""
    document: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A machine by its id that the service left out, and why it is outside the scope."""

    machine_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Assessed:
    """How an assessment ended, beside what was told of each machine."""

    batch_id: str
    started_at: datetime
    ended_at: datetime
    not_assessed: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    outside: tuple[LeftOut, ...] = ()
    scope_problems: tuple[str, ...] = ()


_REQUESTS = Codec(Request)
_REPLIES = Codec(Reply)


def write_request(request: Request) -> bytes:
    """``request`` as one line."""
    return _REQUESTS.dump(request).encode("ascii") + b"\n"


def read_request(line: bytes) -> Request:
    """What an asker sent.

    Raises:
        BadInput: it is not of the shape that `write_request` gives; says where.
    """
    try:
        plain = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadInput("The request is not JSON.") from error
    if not isinstance(plain, dict):
        raise BadInput("The request is no object.")
    hints = get_type_hints(Request)
    if unknown := sorted(plain.keys() - hints.keys()):
        raise BadInput(f"The request has an unknown field {clean(unknown[0], 40)!r}.")
    needed = [field.name for field in fields(Request) if field.default is MISSING]
    if missing := [name for name in needed if name not in plain]:
        raise BadInput(f"The request lacks the field {missing[0]!r}.")
    if unfit := [name for name, value in plain.items() if not _fits(hints[name], value)]:
        raise BadInput(f"The field {unfit[0]!r} of the request does not fit.")
    try:
        request = _REQUESTS.read(plain)
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput("A field of the request does not fit.") from error
    if request.opens_at is not None and request.opens_at.tzinfo is None:
        raise BadInput("The field 'opens_at' of the request has no zone.")
    return request


def write_reply(reply: Reply) -> bytes:
    """``reply`` as one line."""
    return _REPLIES.dump(reply).encode("ascii") + b"\n"


def read_reply(line: bytes) -> Reply:
    """What a service of this Patchdeck sent.

    Raises:
        BadInput: it is no reply.
    """
    try:
        return _REPLIES.load(line)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput("The service answers what this Patchdeck does not understand: are both one version?") from error


# Any: JSON of whoever connects, and the types of fields.
def _fits(hint: Any, value: Any) -> bool:
    if hint is bool or isinstance(value, bool):
        return hint is bool and isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and 0 <= value < 2**31
    if hint is float:
        return isinstance(value, int | float) and 0 <= value < 2**31  # NaN is neither
    if hint == tuple[str, ...]:
        return isinstance(value, list) and len(value) <= _MOST_WORDS and all(map(_is_short, value))
    is_text = hint is str or hint is Deed or datetime in get_args(hint)
    return is_text and _is_short(value)


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _MOST_CHARACTERS and value.isprintable()
