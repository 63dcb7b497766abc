"""The columns that are in reach at a place of a KQL query: those of its table, as each pipe step leaves them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from query.catalogue import CatalogueColumn
from query.completion.names import tables_by_name
from query.completion.tokens import Kind, Token

Columns = dict[str, CatalogueColumn]

# The name of the one unnamed thing that these give.
_NAMED_BY_CALL = {"count": "count_", "countif": "countif_"}


@dataclass(slots=True)
class KqlScope:
    """What is in reach: the table that the rows come from where there is one, and the columns by their names.

    ``operator`` is the word of the step that is being written, empty before the first pipe; ``step`` are its tokens.
    """

    table: str = ""
    columns: Columns = field(default_factory=dict)
    operator: str = ""
    step: Sequence[Token] = ()


def read_scope(before: Sequence[Token], lets: dict[str, Columns]) -> KqlScope:
    """What is in reach behind ``before``, which is one query from its source on."""
    steps = list(_split(before, "|"))
    scope = KqlScope()
    for number, step in enumerate(steps):
        if number == len(steps) - 1:
            scope.step = step
            scope.operator = step[0].folded if number and step else ""
        elif not number:
            _open_source(scope, step, lets)
        elif step:
            _apply(scope, step, lets)
    return scope


def innermost(tokens: Sequence[Token]) -> Sequence[Token]:
    """The query being written: from the last bracket of ``tokens`` that opens one and is not closed."""
    opened: list[int] = []
    for index, token in enumerate(tokens):
        if token.is_sign("("):
            opened.append(index)
        elif token.is_sign(")") and opened:
            opened.pop()
    starts = [index + 1 for index in opened if _opens_query(tokens, index)]
    return tokens[starts[-1] :] if starts else tokens


def let_names(statements: Sequence[Sequence[Token]]) -> dict[str, Columns]:
    """The columns of each ``let name = query``; none where it names a value."""
    lets: dict[str, Columns] = {}
    for tokens in statements:
        if len(tokens) > 3 and tokens[0].text == "let" and tokens[2].is_sign("="):
            closed = [*tokens[3:], Token(Kind.SIGN, "|", tokens[-1].end, tokens[-1].end)]
            lets[tokens[1].name] = read_scope(closed, lets).columns
    return lets


def _opens_query(tokens: Sequence[Token], index: int) -> bool:
    before = [token.folded for token in tokens[max(0, index - 4) : index]]
    is_step = bool({"join", "union", "lookup", "in", "!in", "in~", "!in~"}.intersection(before))
    return is_step or (index > 0 and tokens[index - 1].is_sign("(")) or index == 0


def _open_source(scope: KqlScope, step: Sequence[Token], lets: dict[str, Columns]) -> None:
    for token in step:
        table = tables_by_name().get(token.folded) if token.kind is Kind.WORD else None
        if table is not None:
            scope.table = scope.table or table.name
            scope.columns |= {column.name: column for column in table.columns}
        elif token.kind is Kind.WORD and token.name in lets:
            scope.columns |= lets[token.name]


def _apply(scope: KqlScope, step: Sequence[Token], lets: dict[str, Columns]) -> None:
    """Makes ``scope`` what it is behind the pipe step ``step``."""
    operator, rest = step[0].text.casefold(), step[1:]
    if operator in ("extend", "parse", "mv-expand", "serialize"):
        scope.columns |= _named(rest, scope.columns)
    elif operator in ("project", "distinct", "project-keep") and not any(token.is_sign("*") for token in rest):
        scope.columns = _named(rest, scope.columns)
    elif operator == "summarize":
        keys = list(_split_at_word(rest, "by"))
        by = _named(keys[1], scope.columns) if len(keys) > 1 else {}
        found = scope.columns if any(token.is_sign("*") for token in keys[0]) else _named(keys[0], scope.columns)
        scope.columns = by | found
    elif operator in ("project-away", "project-rename"):
        _rename(scope, rest, is_away=operator == "project-away")
    elif operator in ("join", "lookup", "union"):
        _open_source(scope, rest, lets)
    elif operator == "count":
        scope.columns = {"Count": CatalogueColumn("Count", "bigint", "how many rows", "")}


def _rename(scope: KqlScope, rest: Sequence[Token], *, is_away: bool) -> None:
    if is_away:
        gone = {token.name for token in rest if token.kind is Kind.WORD}
        scope.columns = {name: column for name, column in scope.columns.items() if name not in gone}
        return
    for item in _split(rest, ","):
        if len(item) == 3 and item[1].is_sign("=") and item[2].name in scope.columns:
            scope.columns.pop(item[2].name)
            scope.columns |= _named(item, {})


def _named(rest: Sequence[Token], known: Columns) -> Columns:
    """The columns that the list ``rest`` of a step gives: ``name = …``, a column, or a call with its own name."""
    columns: Columns = {}
    for item in _split(rest, ","):
        if not item or item[0].kind is not Kind.WORD:
            continue
        name = item[0].name
        if len(item) > 1 and item[1].is_sign("("):
            arguments = [token.name for token in item[2:] if token.kind is Kind.WORD]
            first = arguments[0] if arguments else ""
            is_key = name.casefold() in ("bin", "tostring", "startofday", "tolower", "toupper")
            name = first if is_key else _NAMED_BY_CALL.get(name.casefold(), f"{name}_{first}")
            if name.casefold().startswith(("arg_max_", "arg_min_")):
                columns |= {each: known[each] for each in arguments if each in known}
                continue
        columns[name] = known.get(name) or CatalogueColumn(name, "", "", "")
    return columns


def _split(tokens: Sequence[Token], sign: str) -> Iterator[Sequence[Token]]:
    """The parts of ``tokens`` between ``sign`` outside brackets; at least one, which may be empty."""
    depth = start = 0
    for index, token in enumerate(tokens):
        depth += token.is_sign("(", "[") - token.is_sign(")", "]")
        if depth <= 0 and token.is_sign(sign):
            yield tokens[start:index]
            start = index + 1
    yield tokens[start:]


def _split_at_word(tokens: Sequence[Token], word: str) -> Iterator[Sequence[Token]]:
    for index, token in enumerate(tokens):
        if token.is_word(word):
            yield tokens[:index]
            yield tokens[index + 1 :]
            return
    yield tokens
