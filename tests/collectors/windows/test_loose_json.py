"""JSON of PowerShell 5.1: whatever shape it took, and whatever a machine makes of it on purpose."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.linux_facts import Span
from collectors.windows.assess_answer import UpdateAnswer
from collectors.windows.assess_reading import read_assessment, read_follow, read_found_answer, read_machine
from collectors.windows.client_settings import read_applied, read_snapshot
from collectors.windows.job_answers import JobAnswer, LookAnswer
from collectors.windows.loose_json import read_items, read_number, read_record, read_text, read_time, read_truth
from fleet.errors import UnreadableOutput
from fleet.machines import Machine, TransportKind

_NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_MACHINE = Machine(id="m", name="m", transport=TransportKind.WINRM, address="192.0.2.1", created_at=_NOW)
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
_KEYS = st.sampled_from(
    [
        *("schema", "search", "updates", "installed", "history", "computer", "agent", "source", "reboot", "task"),
        *("errors", "id", "title", "kb", "result_code", "online", "reasons", "services", "value", "Count"),
    ]
)
_JSON = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=6), max_leaves=20
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(7, 7), ("7", 7), (7.0, 7), ("-2145107924", -2145107924), (True, None), ("x", None), (2**70, None), (1e400, None)],
)
def test_numbers_are_read_as_texts_too(value: object, expected: int | None) -> None:
    """And nothing else is taken for one."""
    assert read_number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-10-13T17:00:00Z", datetime(2026, 10, 13, 17, tzinfo=UTC)),
        ("2026-10-13T19:00:00+02:00", datetime(2026, 10, 13, 17, tzinfo=UTC)),
        ("/Date(1791910800000)/", datetime(2026, 10, 13, 17, tzinfo=UTC)),
        ({"value": "/Date(1791910800000)/", "DateTime": "x"}, datetime(2026, 10, 13, 17, tzinfo=UTC)),
        ("1601-01-01T00:00:00Z", None),
        ("/Date(99999999999999)/", None),
        ("0001-01-01T00:00:00+14:00", None),
        (17, None),
    ],
)
def test_times_are_read_in_each_of_their_shapes(value: object, expected: datetime | None) -> None:
    """What stands for no time is none."""
    assert read_time(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(None, []), ("a", ["a"]), (["a", None], ["a"]), ({"value": ["a"], "Count": 1}, ["a"])]
)
def test_lists_are_lists_again(value: object, expected: list[object]) -> None:
    """Whether they became their one element, an object around them, or nothing."""
    assert list(read_items(value, "x")) == expected


_EMPTY = UpdateAnswer()


@dataclass(frozen=True, slots=True)
class _Told:
    """A field of each kind."""

    number: int | None = None
    real: float | None = None
    truth: bool | None = None
    text: str | None = None
    word: str = ""
    count: int = 0
    at: datetime | None = None
    words: tuple[str, ...] = ()
    rows: tuple[UpdateAnswer, ...] = ()
    known: tuple[UpdateAnswer, ...] | None = None
    inner: UpdateAnswer = _EMPTY
    maybe: UpdateAnswer | None = None


def test_what_a_command_gave_nothing_for_is_null_wherever_it_stands() -> None:
    """PowerShell 5.1 writes it as an empty object: a field, a record, an element, a list, all there is."""
    names = [field.name for field in fields(_Told)]
    full = {"number": 1, "words": [{}, "a", None], "rows": [{}, {"title": "t"}], "known": {"value": [{}], "Count": 1}}

    assert read_record(_Told, {name: {} for name in names}, "x") == _Told()
    assert read_record(_Told, {}, "x") == _Told()
    told = read_record(_Told, full, "x")
    assert (told.words, [each.title for each in told.rows], told.known) == (("a",), ["t"], ())


def test_an_answer_full_of_nothing_is_no_answer() -> None:
    """Neither a search that was made, nor an installed update without a name, nor a job's status."""
    machine = read_machine({"schema": 1, "ok": False, "search": {}, "installed": {}, "errors": {}, "task": {}})
    found = read_found_answer({"search": {"result_code": 2}, "installed": {}, "updates": {}, "history": [{}]})
    job = read_record(JobAnswer, {"schema": 1, "status": {}, "more": {}, "task_state": {}}, "j")
    look = read_record(LookAnswer, {"schema": 1, "users": {}, "servicing": {}}, "l")

    assert (machine.found, machine.errors, machine.task.state) == (None, (), "")
    assert (found.installed, found.updates, found.history) == (None, (), ())
    assert (job.status, job.more, job.task_state) == (None, None, None)
    assert (look.users, look.servicing) == (None, None)


def test_settings_take_nothing_for_null_too() -> None:
    """A value that is not there, and no change, error or service."""
    read = read_snapshot({"values": [{"name": "AUOptions", "held": {}}, {}], "errors": [{}], "services": {}})
    changes = {"value": [{"name": "AUOptions", "before": {}, "after": {}}], "Count": 1}
    applied = read_applied({"state": "applied", "changes": changes, "errors": {}, "service_result": {}}, True)

    assert (read.values, read.notes, read.is_microsoft_update_registered) == ({}, (), None)
    assert (applied.now, applied.problems, applied.is_registered) == ({"AUOptions": None}, (), None)


def test_truths_are_read_and_nothing_is_not_false() -> None:
    """A property that failed is unknown."""
    told: list[object] = [True, "False", 1, None, "maybe", []]

    assert [read_truth(each) for each in told] == [True, False, True, None, None, None]


def test_texts_are_one_harmless_line() -> None:
    """What steers a terminal does not come through, nor what is no text."""
    assert (read_text("a\nb\x1b[2J"), read_text({"a": 1}), read_text(5)) == ("a b\N{REPLACEMENT CHARACTER}[2J", "", "5")


def test_keys_count_in_any_case_and_a_depth_that_was_cut_is_refused() -> None:
    """A list of records that became texts would be updates that nobody counts."""
    assert read_record(UpdateAnswer, {"TITLE": "x"}, "u").title == "x"
    with pytest.raises(UnreadableOutput):
        read_record(UpdateAnswer, {"categories": ["System.Collections.Hashtable"]}, "u")


@given(st.dictionaries(_KEYS, _JSON, max_size=12))
def test_nothing_that_a_machine_says_breaks_the_reading(told: dict[str, object]) -> None:
    """It is an assessment, or refused."""
    for value in (told, told | {"schema": 1}, told | {"schema": 1, "search": {"result_code": 2, "online": True}}):
        try:
            answer = read_machine(value)
            read_follow(value)
            found = read_found_answer(value)
        except UnreadableOutput:
            continue
        read_assessment(_MACHINE, answer, answer.found, Span(_NOW, _NOW))
        read_assessment(_MACHINE, answer, found, Span(_NOW, _NOW))
