"""Values of a fact over many machines, compared as each machine alone would be."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from fleet.groups.facts import Fact, FactKind
from fleet.groups.terms import Comparison
from fleet.groups.values import FactValues
from fleet.machines import Machine, TransportKind
from fleet.status import MachineStatus

_NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_ORDER: dict[Comparison, Callable[[float, float], bool]] = {
    Comparison.EQUAL: lambda one, two: one == two,
    Comparison.UNEQUAL: lambda one, two: one != two,
    Comparison.LESS: lambda one, two: one < two,
    Comparison.AT_MOST: lambda one, two: one <= two,
    Comparison.MORE: lambda one, two: one > two,
    Comparison.AT_LEAST: lambda one, two: one >= two,
}


def _values(kind: FactKind, values: list[object]) -> FactValues:
    known = {f"id-{number}": value for number, value in enumerate(values)}
    fact = Fact("tried", kind, "for a test", lambda status, _now: known[status.machine.id])
    machines = (Machine(machine_id, machine_id, TransportKind.SSH, _NOW) for machine_id in known)
    return FactValues(fact, map(MachineStatus, machines), _NOW)


def _numbers(found: frozenset[str]) -> list[int]:
    return sorted(int(machine_id.removeprefix("id-")) for machine_id in found)


@given(st.lists(st.none() | st.integers(-3, 3)), st.sampled_from([*Comparison]), st.integers(-3, 3))
def test_numbers_compare_as_numbers(values: list[int | None], comparison: Comparison, wanted: int) -> None:
    """Of a machine that does not have one it is not known."""
    found = _values(FactKind.NUMBER, [*values])
    fits = _ORDER[comparison]

    expected = [at for at, value in enumerate(values) if value is not None and fits(value, wanted)]
    assert _numbers(found.fitting(comparison, (str(wanted),))) == expected
    assert _numbers(found.unknown) == [at for at, value in enumerate(values) if value is None]


@given(st.lists(st.text("aAb*", max_size=3)), st.lists(st.text("aAb*?", max_size=3), min_size=1))
def test_texts_compare_as_patterns_in_any_case(values: list[str], wanted: list[str]) -> None:
    """One of several is enough; unequal is whatever none of them fits."""
    found = _values(FactKind.TEXT, [*values])

    fitting = [at for at, v in enumerate(values) if any(fnmatchcase(v.casefold(), w.casefold()) for w in wanted)]
    assert _numbers(found.fitting(Comparison.EQUAL, wanted)) == fitting
    assert _numbers(found.fitting(Comparison.UNEQUAL, wanted)) == [at for at in range(len(values)) if at not in fitting]


def test_versions_and_days_have_an_order_of_their_own() -> None:
    """9.10 is newer than 9.4; a day is written as in ISO 8601."""
    versions = _values(FactKind.VERSION, ["9.4", "9.10", "10", "9.4-1ubuntu²"])
    days = _values(FactKind.DATE, [date(2027, 1, 31), date(2026, 12, 1), None])

    assert _numbers(versions.fitting(Comparison.MORE, ("9.4",))) == [1, 2, 3]
    assert _numbers(versions.fitting(Comparison.EQUAL, ("9.*",))) == [0, 1, 3]
    assert _numbers(days.fitting(Comparison.LESS, ("2027-01-01",))) == [1]
    assert _numbers(days.fitting(Comparison.EQUAL, ("2027-01-31", "2026-12-01"))) == [0, 1]
