"""Whatever JSON a Windows machine answers, it is an assessment of it or refused: harmless, storable, whole."""

import asyncio
import copy
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any  # Any: JSON of any shape

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.linux_facts import Span
from collectors.windows.asking import ask
from collectors.windows.assess_call import AssessParameters, SearchPlan, call_assess
from collectors.windows.assess_reading import read_assessment, read_machine
from fleet.assessments import Assessment
from fleet.changes import apply_assessment
from fleet.errors import UnreadableOutput
from fleet.hostile import TEXT_CHARACTERS, clean
from fleet.machines import Machine, TransportKind
from tests.collectors.fuzz.test_hostile_answers import EXAMPLES, STORED, list_texts, make_rows
from tests.collectors.windows.peer_transport import PeerTransport
from tests.winrm_peer import systems

_NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_MACHINE = Machine(id="m", name="m", transport=TransportKind.WINRM, address="192.0.2.1", created_at=_NOW)
_NO_TEXTS: list[object] = [None, True, -1, 0, 5, 26100, 2**63, 1e308, [], {}, [[]], {"value": ["KB1"], "Count": 1}]
_TEXTS = [
    *("", " ", "\x00\x1b[2J", "=cmd|'/C calc'!A0", "KB1;DROP TABLE Update", "../../etc/passwd", "-option"),
    *("\u202egnp.exe", "\ud800", "x" * 9_999, "\u0130" * 300, "B\u0307", "\u0390", "\ufb01["),
    *("1601-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2199-12-31T00:00:00Z", "/Date(-62135596800000)/"),
    *("0x80070005", "{00000001-5A0B-4C1D-9E2F-000000001EEF}", "https://u:p@h/"),
]
_HOSTILE = st.sampled_from([*_NO_TEXTS, *_TEXTS])


@cache
def _answer() -> dict[str, Any]:
    call = call_assess(AssessParameters(SearchPlan.AUTO, "ab" * 8))
    return dict(asyncio.run(ask(PeerTransport(systems.server_2022()), call, deadline_seconds=60)))


def _places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of everything within an answer."""
    within = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in within for place in _places(each, (*path, key)))]


@cache
def _all_places() -> list[tuple[str | int, ...]]:
    return [place for place in _places(_answer()) if place and place != ("schema",)]


def _changed(changes: list[tuple[tuple[str | int, ...], object]]) -> dict[str, Any]:
    answer = copy.deepcopy(_answer())
    for path, value in changes:
        at: Any = answer
        # An earlier change may have taken the place away.
        with suppress(KeyError, IndexError, TypeError):
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = value
    return answer


_CHANGES = st.lists(st.tuples(st.deferred(lambda: st.sampled_from(_all_places())), _HOSTILE), min_size=1, max_size=8)


def _read(changes: list[tuple[tuple[str | int, ...], object]], hours: int) -> Assessment | None:
    at = _NOW + timedelta(hours=hours)
    try:
        answer = read_machine(_changed(changes))
    except UnreadableOutput:
        return None
    return read_assessment(_MACHINE, answer, answer.found, Span(at, at))


@settings(max_examples=EXAMPLES // 4, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=_CHANGES, second=_CHANGES)
def test_any_two_answers_are_assessments_of_their_machine(
    first: list[tuple[tuple[str | int, ...], object]], second: list[tuple[tuple[str | int, ...], object]]
) -> None:
    """Harmless texts, rows of every table, no update twice; the same answer again changes nothing."""
    current: tuple[Any, ...] = ()
    for hours, changes in enumerate((first, second)):
        assessment = _read(changes, hours)
        if assessment is None:
            continue
        assert all(text == clean(text) and len(text) <= TEXT_CHARACTERS for text in list_texts(assessment))
        assert STORED.load(STORED.dump(assessment)) == assessment
        make_rows(_MACHINE, assessment)
        current = apply_assessment(_MACHINE, assessment, current).current
        ids = [row["UpdateID"] for row in current]
        assert len(set(ids)) == len(ids) and all(ids)
        assert apply_assessment(_MACHINE, assessment, current).history == ()
