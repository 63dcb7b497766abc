"""The text of a query that is to be kept: from the command line, a file or standard input."""

import sys
from pathlib import Path

from fleet.errors import BadInput
from ops.query_files import read_text
from query.language import QueryLanguage
from query.limits import MAX_QUERY_CHARACTERS


def read_query_source(text: str | None, file: str | None, *, kql: bool) -> tuple[str, QueryLanguage]:
    """The text and its language: KQL where that is asked for or the file's ending says so, else SQL.

    Raises:
        BadInput: there is none, or there are two; it cannot be read.
    """
    if (text is None) == (file is None):
        raise BadInput("Give the query itself, - for standard input, or -f FILE: one of them.")
    language = QueryLanguage.KQL if kql or (file or "").endswith(".kql") else QueryLanguage.SQL
    if "-" in (text, file):
        return _standard_input(), language
    return (read_text(Path(file)) if file is not None else text or ""), language


def _standard_input() -> str:
    try:
        return sys.stdin.read(MAX_QUERY_CHARACTERS + 1)
    except UnicodeDecodeError as error:
        raise BadInput(f"Standard input is not UTF-8 at byte {error.start}.") from error
