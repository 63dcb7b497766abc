"""What every operator and function gives: tables of expressions with their values."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from query.kql.functions import SCALARS
from query.kql.functions.windows import WINDOWS

# Any: JSON. Timespans come as text, datetimes without a zone.
Case = dict[str, Any]
TABLE = Path(__file__).parent / "values.jsonl"
CASES: list[Case] = [json.loads(line) for line in TABLE.open(encoding="utf-8")]
NEEDS_ORDER = ("row_number", "row_rank_dense", "prev", "next", "row_cumsum")
# Not supported, and said so.
REFUSED = {"url_encode"}


@pytest.mark.parametrize("case", CASES, ids=[case["kql"] for case in CASES])
def test_expression_has_its_value(ask: Callable[[str], Any], case: Case) -> None:
    """Type and value are those of Kusto, through the gate, over columns and over what is written out."""
    source = "V | sort by i asc" if case["kql"].startswith(NEEDS_ORDER) else "V"
    columns, rows = ask(f"{source} | project x = {case['kql']}")
    value = rows[0][0]

    assert columns == [("x", case["type"])]
    if case["type"] == "dynamic" and value is not None:
        value = json.loads(value)
    if case["type"] == "timespan":
        assert value == timespan_text(case["value"])
    elif isinstance(case["value"], float):
        assert value == pytest.approx(case["value"], rel=1e-12)
    else:
        assert value == case["value"]


def timespan_text(ticks: int | None) -> str | None:
    """Ticks as a timespan is shown, written without the code that is tested."""
    if ticks is None:
        return None
    seconds, fraction = divmod(abs(ticks), 10_000_000)
    days, rest = divmod(seconds, 86_400)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    return f"{'-' * (ticks < 0)}{f'{days}.' * (days > 0)}{clock}{f'.{fraction:07}' * (fraction > 0)}"


def test_every_function_is_in_the_table() -> None:
    """No function is translated whose value nobody looked at."""
    called = {name for case in CASES for name in re.findall(r"(\w+)\(", case["kql"])}
    assert {*SCALARS, *WINDOWS} - called - REFUSED == set()
