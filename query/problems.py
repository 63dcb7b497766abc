"""DuckDB's errors as ours: one line, with the place in the text and the nearest name."""

import json
import re
from collections.abc import Iterable

import duckdb

from fleet.errors import PatchdeckError, QueryCancelled, QueryFailed, QueryRefused, QueryTimedOut, UnknownName
from query.limits import Limits
from query.positions import position_at
from query.watch import StopReason
from query.wording import sentence, short_name

_MISSING_COLUMN = re.compile(r'does not have a column named "(.+?)"')
# As `query.files` calls the files of tables; messages of DuckDB name those that they stumble over.
_TABLE_FILE = re.compile(r"umro://(\w+)/([^\s'\"]+)")
_MORE_MEMORY = "the setting query.memory_mib allows more."


def explain_error(error: duckdb.Error, sql: str, shift: int, columns: Iterable[str]) -> PatchdeckError:
    """What went wrong with ``sql``, which began ``shift`` bytes into the statement.

    ``columns`` are the names that a misspelt column might have meant.
    """
    details = _details(error)
    message = _message(error, details)
    offset = details.get("position", "")
    position = position_at(sql, int(offset) - shift) if offset.isdigit() else None
    if details.get("error_subtype") == "COLUMN_NOT_FOUND":
        return UnknownName("column", short_name(details["name"]), columns, position)
    if missing := _MISSING_COLUMN.search(message):
        return UnknownName("column", short_name(missing.group(1)), columns, position)
    if details.get("exception_type") in ("Binder", "Catalog", "Parser"):
        return QueryRefused(message, position)
    return QueryFailed(message, position)


def explain_translated_error(error: duckdb.Error) -> PatchdeckError:
    """What went wrong with SQL that KQL became: without places, and without names that only the SQL has."""
    details = _details(error)
    message = _message(error, details)
    if details.get("exception_type") in ("Binder", "Catalog", "Parser"):
        return untranslatable(message)
    return QueryFailed(message)


def untranslatable(message: str) -> QueryFailed:
    """That DuckDB does not run what KQL was translated to: a mistake of ours rather than of the user."""
    return QueryFailed(f"DuckDB does not run the SQL that this becomes (--show prints it): {sentence(message)}")


def explain_shortage(error: duckdb.OutOfMemoryException, limits: Limits) -> QueryFailed:
    """That a query needs more memory or disk than it may take, which of the two, and what allows more."""
    if "max_temp_directory_size" in str(error):
        return _disk_shortage(limits)
    return QueryFailed(f"The query needs more than the {limits.memory} of memory that it may take; {_MORE_MEMORY}")


def _disk_shortage(limits: Limits) -> QueryFailed:
    return QueryFailed(
        f"The query needs more than the {limits.spill} of disk that it may use beside its memory; the settings "
        "query.memory_mib and query.spill_mib allow more."
    )


def explain_stop(reason: StopReason, limits: Limits) -> PatchdeckError:
    """Why a query was stopped."""
    if reason is StopReason.CANCELLED:
        return QueryCancelled("The query was cancelled.")
    if reason is StopReason.DISK:
        return _disk_shortage(limits)
    if reason is StopReason.MEMORY:
        return QueryFailed(f"The query took far more memory than the {limits.memory} that it may take; {_MORE_MEMORY}")
    return QueryTimedOut(
        f"The query took longer than {limits.seconds:g} s and was stopped; the setting query.time_limit_seconds, or "
        "--time-limit, allows more."
    )


def is_missing_file(error: duckdb.Error) -> bool:
    """Whether a file went away between listing and opening it: a vacuum came between."""
    return any(sign in str(error) for sign in ("No files found", "FileNotFoundError", "No such file"))


def _message(error: duckdb.Error, details: dict[str, str]) -> str:
    text = details.get("exception_message") or str(error)
    if damaged := _TABLE_FILE.search(text):
        table, file = (short_name(name) for name in damaged.groups())
        what = "is missing" if is_missing_file(error) else "cannot be read"
        return f"A file of table {table} {what}, {file}: `patchdeck tables check` says what to do."
    return sentence(text)


def _details(error: duckdb.Error) -> dict[str, str]:
    """The fields that DuckDB gives with errors_as_json, as text; none where it gave plain text."""
    _, brace, rest = str(error).partition("{")
    try:
        parsed = json.loads(brace + rest) if brace else {}
    except json.JSONDecodeError:
        return {}
    return {str(key): str(value) for key, value in parsed.items()}
