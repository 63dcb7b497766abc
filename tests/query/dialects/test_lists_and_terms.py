"""Lists, terms of KQL, patterns out of columns and quantiles over windows in the SQL of other engines."""

from datetime import UTC, datetime

import pytest

from query.dialects.engines import Engine
from query.dialects.refusals import CannotSay
from query.dialects.translate import translate
from query.language import QueryLanguage
from query.statement import read_statement

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def say(sql: str, engine: Engine = Engine.SPARK) -> str:
    """The form without the comment, on one line."""
    text = translate(sql, engine, parameters={}, now=NOW)
    return " ".join(line.strip() for line in text.splitlines() if not line.startswith("--"))


def say_kql(text: str, engine: Engine = Engine.SPARK) -> str:
    """The same of a query in KQL."""
    return say(read_statement(text, QueryLanguage.KQL, {}).sql, engine)


def test_a_column_with_its_own_name_has_no_alias() -> None:
    """Spark 4 stops at such columns of a CTE that is used twice."""
    said = say("WITH m AS (SELECT Computer FROM Machine) SELECT Computer FROM m UNION ALL SELECT Computer FROM m")
    assert " AS Computer" not in said


@pytest.mark.parametrize("engine", Engine)
def test_expanded_splits_are_rows_of_a_split_text(engine: Engine) -> None:
    """No JSON is left of ``mv-expand``, whose items are texts."""
    said = say_kql('Update | mv-expand CVE = split(CVENumbers, ";") to typeof(string) | project CVE', engine)
    assert "JSON" not in said.upper()
    assert "kql_" not in said


@pytest.mark.parametrize("engine", Engine)
def test_joined_sets_are_lists_of_texts(engine: Engine) -> None:
    """A set that is sorted, cut off and joined is one aggregate."""
    said = say_kql(
        'Machine | summarize N = strcat_array(array_slice(array_sort_asc(make_set(Computer)), 0, 4), ",") by OSType',
        engine,
    )
    assert "JSON" not in said.upper()
    assert "kql_" not in said


def test_an_unsorted_list_is_refused() -> None:
    """Its order would be that of the engine's rows."""
    with pytest.raises(CannotSay):
        say_kql('Machine | summarize Names = strcat_array(make_list(Computer), ", ") by OSType')


def test_a_term_is_sought_whatever_its_case() -> None:
    """Java's letters beyond ASCII need a sign of their own, and its $ would match before a last line's end."""
    said = say_kql('Machine | where Computer has "web.1" | project Computer')
    assert r"(?iu)(^|[^\\p{L}\\p{N}])web\\.1(\\z|[^\\p{L}\\p{N}])" in said


@pytest.mark.parametrize("engine", [Engine.TSQL, Engine.POSTGRES, Engine.SNOWFLAKE])
def test_a_term_is_refused_without_classes_of_unicode(engine: Engine) -> None:
    """Letters and digits of all scripts are what ends a term."""
    with pytest.raises(CannotSay, match="whole term"):
        say_kql('Machine | where Computer has "web" | project Computer', engine)


def test_a_pattern_out_of_a_column_stops_at_other_signs() -> None:
    """Only when the query runs is it known what it holds."""
    said = say("SELECT Computer FROM Machine WHERE Computer GLOB OSName")
    assert "RAISE_ERROR" in said
    assert "ESCAPE '|'" in said


def test_lists_out_of_json_stay_texts() -> None:
    """They are read where something is asked of them."""
    said = say(
        "WITH r AS (SELECT CorrelationId, from_json(Settings -> 'include', '[\"VARCHAR\"]') AS i FROM DeploymentRun) "
        "SELECT CorrelationId FROM r WHERE list_contains(i, 'a') AND len(list_filter(i, lambda m: 'b' GLOB m)) = 0"
    )
    assert "GET_JSON_OBJECT(DeploymentRun.`Settings`, '$.include')" in said
    assert "ARRAY_CONTAINS(FROM_JSON(r.i, 'ARRAY<STRING>'), 'a')" in said
    assert "EXISTS( FROM_JSON(r.i, 'ARRAY<STRING>'), patchdeck_item ->" in said


def test_a_list_that_is_asked_for_more_is_refused() -> None:
    """As a text it would have another length."""
    with pytest.raises(CannotSay):
        say(
            "WITH r AS (SELECT from_json(Settings -> 'include', '[\"VARCHAR\"]') AS i FROM DeploymentRun) "
            "SELECT len(i) AS n FROM r"
        )


def test_a_list_of_no_rows_is_null() -> None:
    """What FILTER lets through is what is counted."""
    said = say("SELECT array_to_string(list_sort(list(Computer) FILTER (Enabled)), ', ') AS l FROM Machine")
    assert "CASE WHEN COUNT(CASE WHEN Machine.Enabled THEN 1 END) > 0" in said


@pytest.mark.parametrize("engine", [Engine.TRINO, Engine.POSTGRES])
def test_medians_over_windows_are_grouped_and_joined(engine: Engine) -> None:
    """Where quantiles are aggregates only."""
    said = say("SELECT median(RebootSeconds) OVER (PARTITION BY Computer) AS m FROM MachineRun", engine)
    assert "IS NOT DISTINCT FROM" in said
    assert "OVER" not in said


@pytest.mark.parametrize("engine", Engine)
def test_microseconds_between_times_are_counted(engine: Engine) -> None:
    """What differences of times in KQL are made of."""
    assert say("SELECT date_diff('microsecond', BootedAt, LastAnswered) AS u FROM Machine", engine)
