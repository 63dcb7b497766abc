"""Operators and functions against small models in Python, over whatever hypothesis thinks of."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

# The machine that runs this may be busy: no deadline; a question takes some 10 ms.
quick = settings(deadline=None, max_examples=40)
ValueOf = Callable[[str], tuple[str, object]]

WORDS = st.text(alphabet="aAbB1é-_. '\"\\%*(日", max_size=8)
ANY_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
# Times of KQL are UTC, and DuckDB's have no zone.
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1))  # noqa: DTZ001
WHOLE = st.integers(-(2**40), 2**40)


def quote(text: str) -> str:
    """A text as a literal of KQL."""
    escaped = "".join(c if c.isprintable() and c not in "\\'" else f"\\u{ord(c):04x}" for c in text)
    return f"'{escaped}'" if all(ord(c) < 0x10000 for c in text) else "@'" + text.replace("'", "''") + "'"


def moment(value: datetime) -> str:
    return f"datetime({value.isoformat(sep=' ')})"


def runs(text: str) -> list[str]:
    """The runs of letters and digits of a text, in lower case."""
    return [run.lower() for run in re.findall(r"[^\W_]+", text)]


@quick
@given(text=ANY_TEXT)
def test_text_comes_back_as_it_was_written(value_of: ValueOf, text: str) -> None:
    """No quote, backslash or mark of SQL changes a text, alone or within JSON."""
    if any(ord(character) >= 0x10000 or not character.isprintable() for character in text):
        text = "".join(character for character in text if ord(character) < 0x10000 and character.isprintable())
    assert value_of(quote(text)) == ("string", text)
    packed = value_of(f"pack_array({quote(text)})")[1]
    assert json.loads(str(packed)) == [text]
    assert value_of(f"bag_pack({quote(text)}, 1)[{quote(text)}]")[1] == "1"


@quick
@given(text=WORDS, part=WORDS)
def test_contains_and_its_like_are_those_of_python(value_of: ValueOf, text: str, part: str) -> None:
    """In any case, or exactly; no character has a meaning of its own."""
    expression = (
        "pack_array({0} contains {1}, {0} startswith {1}, {0} endswith {1}, {0} contains_cs {1}, "
        "{0} startswith_cs {1}, {0} endswith_cs {1}, {0} =~ {1}, {0} == {1}, {0} !contains {1})"
    ).format(quote(text), quote(part))
    low, small = text.lower(), part.lower()
    expected = [
        small in low, low.startswith(small), low.endswith(small), part in text, text.startswith(part),
        text.endswith(part), low == small, text == part, small not in low,
    ]  # fmt: skip
    assert json.loads(str(value_of(expression)[1])) == expected


@quick
@given(text=WORDS, term=st.text(alphabet="aAbB1é日", min_size=1, max_size=3))
def test_has_finds_whole_runs(value_of: ValueOf, text: str, term: str) -> None:
    """A term of letters and digits is had where it is a whole run; written out or computed alike."""
    expected = term.lower() in runs(text)
    expression = (
        "pack_array({0} has {1}, {0} has strcat({1}, ''), {0} has_any ({1}, 'zzz'), {0} has_any (split({1}, ';')), "
        "{0} has_all ({1}), not({0} !has {1}))"
    ).format(quote(text), quote(term))
    assert json.loads(str(value_of(expression)[1])) == [expected] * 6


@quick
@given(number=WHOLE, size=st.integers(1, 10**6))
def test_bins_of_whole_numbers_are_multiples_below(value_of: ValueOf, number: int, size: int) -> None:
    """A bin is a multiple of its size, at or below the number; what remains is the modulo."""
    assert value_of(f"bin({number}, {size})") == ("long", number // size * size)
    assert value_of(f"({number}) % {size}") == ("long", number % size)


@quick
@given(number=WHOLE, other=WHOLE)
def test_whole_numbers_divide_toward_nought(value_of: ValueOf, number: int, other: int) -> None:
    """7 / 2 is 3, -7 / 2 is -3, and what is divided by nought is null."""
    expected = None if other == 0 else abs(number) // abs(other) * (1 if (number < 0) == (other < 0) else -1)
    assert value_of(f"({number}) / ({other})") == ("long", expected)


@quick
@given(at=MOMENTS, size=st.timedeltas(timedelta(seconds=1), timedelta(days=400)))
def test_bins_of_times_count_from_the_year_1(value_of: ValueOf, at: datetime, size: timedelta) -> None:
    """A bin of a time is a multiple of its size since the first of January of the year 1."""
    origin = datetime(1, 1, 1)  # noqa: DTZ001
    expected = origin + (at - origin) // size * size
    ticks = size // timedelta(microseconds=1) * 10
    assert value_of(f"bin({moment(at)}, {ticks}tick)")[1] == expected.isoformat(sep=" ")
    assert value_of(f"bin({moment(at)}, totimespan(tolong({ticks})))")[1] == expected.isoformat(sep=" ")


@quick
@given(one=MOMENTS, other=MOMENTS)
def test_differences_of_times(value_of: ValueOf, one: datetime, other: datetime) -> None:
    """datetime_diff counts the boundaries between two times, and ``-`` gives what lies between."""
    a, b = moment(one), moment(other)
    assert value_of(f"datetime_diff('year', {a}, {b})")[1] == one.year - other.year
    months = (one.year - other.year) * 12 + one.month - other.month
    assert value_of(f"datetime_diff('month', {a}, {b})")[1] == months
    assert value_of(f"datetime_diff('day', {a}, {b})")[1] == (one.date() - other.date()).days
    weeks = [moment.date() - timedelta(days=(moment.weekday() + 1) % 7) for moment in (one, other)]
    assert value_of(f"datetime_diff('week', {a}, {b})")[1] == (weeks[0] - weeks[1]).days // 7
    hours = [moment.replace(minute=0, second=0, microsecond=0) for moment in (one, other)]
    assert value_of(f"datetime_diff('hour', {a}, {b})")[1] == (hours[0] - hours[1]) // timedelta(hours=1)
    assert value_of(f"tolong({a} - ({b}))")[1] == (one - other) // timedelta(microseconds=1) * 10
    assert value_of(f"{b} + ({a} - {b}) == {a}")[1] is True


@quick
@given(items=st.lists(st.integers(-5, 5) | st.sampled_from(["a", "b", "'"]), max_size=8))
def test_sets_and_arrays_are_those_of_python(value_of: ValueOf, items: list[Any]) -> None:
    """Distinct items keep their order; slices and lengths are those of lists."""
    array = f"dynamic({json.dumps(items)})"
    assert json.loads(str(value_of(f"set_union({array}, dynamic([]))")[1])) == list(dict.fromkeys(items))
    assert value_of(f"array_length({array})")[1] == len(items)
    assert json.loads(str(value_of(f"array_reverse({array})")[1])) == items[::-1]
    assert json.loads(str(value_of(f"array_slice({array}, 1, 3)")[1])) == items[1:4]
    assert json.loads(str(value_of(f"array_concat({array}, {array})")[1])) == items + items
