"""The text of a query that is to be kept: from the command line, a file or standard input."""

import sys
from pathlib import Path

from fleet.errors import BadInput
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
        return read_standard_input(MAX_QUERY_CHARACTERS + 1), language
    if file is None:
        return text or "", language
    from ops.query_files import read_text

    return read_text(Path(file)), language


def read_standard_input(characters: int) -> str:
    """So many characters of standard input; what is not UTF-8 is refused, whatever the locale makes of it.

    Raises:
        BadInput: it is not UTF-8.
    """
    try:
        text = sys.stdin.read(characters)
        text.encode()
    except UnicodeDecodeError as error:
        raise BadInput(f"Standard input is not UTF-8 at byte {error.start}.") from error
    except UnicodeEncodeError as error:  # some locales let bytes through as halves of surrogate pairs
        raise BadInput(f"Standard input is not UTF-8 at character {error.start}.") from error
    return text
