"""Macros are made when first needed: by whichever thread comes first, and no second time."""

from concurrent.futures import ThreadPoolExecutor

import duckdb

from query.engine import QueryEngine
from query.kql.macros import create_macros
from query.language import QueryLanguage

SPAN = "print p = 90m, q = format_timespan(90m, 'hh:mm')"


def test_threads_that_need_the_same_macro_get_it(engine: QueryEngine) -> None:
    """Many queries at once over one engine, each with a timespan to show."""
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(engine.run, SPAN, language=QueryLanguage.KQL) for _ in range(24)]

        assert {answer.result(timeout=60).rows[0] for answer in answers} == {("01:30:00", "01:30")}


def test_macros_that_are_there_are_no_error() -> None:
    """Whatever made them before."""
    with duckdb.connect() as connection:
        create_macros(connection)
        create_macros(connection)
