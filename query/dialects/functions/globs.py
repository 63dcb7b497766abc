"""GLOB with a pattern that a column has, as LIKE: one with other signs than ``*`` and ``?`` stops the query there."""

from query.dialects.saying import Forms

_STOPS = "GLOB knows more signs than * and ? here: "
_AS_LIKE = "REPLACE(REPLACE(REPLACE(REPLACE(REPLACE({1}, '|', '||'), '%', '|%'), '_', '|_'), '*', '%'), '?', '_')"
_LIKE = f"{{0}} LIKE {_AS_LIKE} ESCAPE '|'"
# BigQuery has no ESCAPE; a backslash is one.
_LIKE_WITHOUT_ESCAPE = r"{0} LIKE REPLACE(REPLACE(REPLACE(REPLACE({1}, '%', '\\%'), '_', '\\_'), '*', '%'), '?', '_')"
# A text that is no truth value cannot be cast to one.
_BY_CAST = f"CAST('{_STOPS}' || {{1}} AS BOOLEAN)"


def _guarded(holds: str, stop: str, like: str) -> str:
    return f"CASE WHEN {holds} THEN {stop} ELSE {like} END"


COMPUTED_GLOB: Forms = {
    "spark": _guarded(r"CONTAINS({1}, '[') OR CONTAINS({1}, '\\')", f"RAISE_ERROR(CONCAT('{_STOPS}', {{1}}))", _LIKE),
    "trino": _guarded(r"STRPOS({1}, '[') > 0 OR STRPOS({1}, '\') > 0", _BY_CAST, _LIKE),
    "snowflake": _guarded(r"CONTAINS({1}, '[') OR CONTAINS({1}, '\\')", _BY_CAST, _LIKE),
    "bigquery": _guarded(
        r"STRPOS({1}, '[') > 0 OR STRPOS({1}, '\\') > 0",
        f"ERROR(CONCAT('{_STOPS}', {{1}}))",
        _LIKE_WITHOUT_ESCAPE,
    ),
    "postgres": _guarded(r"STRPOS({1}, '[') > 0 OR STRPOS({1}, '\') > 0", _BY_CAST, _LIKE),
}
