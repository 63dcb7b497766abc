"""Colours for KQL in the editor, and the line under the place of an error; SQL has a grammar of its own."""

from collections import defaultdict

from rich.style import Style
from textual.widgets.text_area import TextAreaTheme

from query.completion.kql_words import EXPRESSION_WORDS, PIPE_OPERATORS
from query.completion.tokens import Kind, Token, tokenize
from query.language import QueryLanguage

# Per line: first byte, the byte behind the last one (None: to the end of the line), the name of the style.
Highlights = dict[int, list[tuple[int, int | None, str]]]

ERROR_STYLE = "error.place"
THEME_NAME = "query"
# A text of more is still shown and asked, without colours: every key would draw them anew.
MOST_CHARACTERS = 30_000
_WORDS = frozenset(word for each in (*PIPE_OPERATORS, *EXPRESSION_WORDS) for word in each.text.split()) | frozenset(
    ("by", "on", "kind", "let", "asc", "desc", "nulls", "first", "last", "with", "to", "step", "from")
)


def query_theme(base: TextAreaTheme) -> TextAreaTheme:
    """``base`` with a style for the place of an error."""
    styles = {**base.syntax_styles, ERROR_STYLE: Style(underline=True, bold=True, color="red")}
    return TextAreaTheme(name=THEME_NAME, syntax_styles=styles)


def highlight_kql(text: str) -> Highlights:
    """What has which colour in ``text``."""
    highlights: Highlights = defaultdict(list)
    if len(text) > MOST_CHARACTERS:
        return highlights
    lines = text.split("\n")
    starts = _line_starts(lines)
    tokens = tokenize(text, QueryLanguage.KQL)
    row = 0
    for index, token in enumerate(tokens):
        style = _style(token, tokens[index + 1] if index + 1 < len(tokens) else None)
        while row + 1 < len(starts) and starts[row + 1] <= token.start:
            row += 1
        if style:
            _add(highlights, lines, starts, row, token, style)
    return highlights


def error_place(line: str, column: int) -> tuple[int, int]:
    """The bytes of the word that begins at ``column``, 0 for the first; one character where there is no word."""
    end = column
    while end < len(line) and (line[end].isalnum() or line[end] == "_"):
        end += 1
    end = max(end, column + 1)
    return len(line[:column].encode()), len(line[:end].encode())


def _style(token: Token, following: Token | None) -> str:
    if token.kind is Kind.WORD:
        if following is not None and following.is_sign("(") and token.text not in ("in", "on", "by", "and", "or"):
            return "function"
        return "keyword" if token.text in _WORDS else ""
    return {Kind.STRING: "string", Kind.COMMENT: "comment", Kind.NUMBER: "number"}.get(token.kind, "")


def _add(highlights: Highlights, lines: list[str], starts: list[int], row: int, token: Token, style: str) -> None:
    """Adds ``token``, which begins in ``row`` and may go on for several lines."""
    while row < len(lines) and starts[row] < token.end:
        line = lines[row]
        first = max(0, token.start - starts[row])
        last = token.end - starts[row]
        end = None if last >= len(line) else len(line[:last].encode())
        highlights[row].append((len(line[:first].encode()), end, style))
        row += 1


def _line_starts(lines: list[str]) -> list[int]:
    starts, position = [], 0
    for line in lines:
        starts.append(position)
        position += len(line) + 1
    return starts
