"""What may stand at a place of a SQL query."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from query.catalogue import CatalogueColumn
from query.completion.candidates import Candidate, Sort
from query.completion.names import (
    column_candidates,
    every_column,
    sql_functions,
    sql_keywords,
    table_candidates,
    tables_by_name,
)
from query.completion.tokens import Kind, Token

_BEFORE_TABLES = ("from", "join")
# Words that end the list of tables behind FROM.
_AFTER_TABLES = frozenset(
    [
        "where",
        "group",
        "order",
        "limit",
        "having",
        "qualify",
        "union",
        "except",
        "intersect",
        "on",
        "using",
        "window",
        "offset",
        "select",
        "left",
        "right",
        "inner",
        "full",
        "anti",
        "semi",
        "cross",
        "join",
        "natural",
        "asof",
        "positional",
    ]
)
# White space that may stand behind the last token of a statement that is still open.
MOST_BLANK = 1_000
_LIST_WORDS = _AFTER_TABLES.union(_BEFORE_TABLES)
# Behind these a new name is written, which nobody else knows.
_BEFORE_NEW_NAMES = ("as",)


@dataclass(slots=True)
class SqlScope:
    """What a statement names: the columns behind each table, alias and WITH name, and which table an alias is."""

    columns: dict[str, tuple[CatalogueColumn, ...]] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)
    defined: dict[str, tuple[CatalogueColumn, ...]] = field(default_factory=dict)


def read_scope(tokens: Sequence[Token], offset: int) -> SqlScope:
    """What the SELECT around ``offset`` names, before and behind it alike, and the WITH names of the statement."""
    scope = SqlScope()
    for name, body in _with_names(tokens):
        scope.defined[name] = tuple(_output(body, scope))
    for level in _levels(tokens, offset):
        for name, alias in _sources(level):
            _add_source(scope, name, alias)
    return scope


def sql_candidates(before: Sequence[Token], scope: SqlScope) -> list[Candidate]:
    """What may follow ``before``, which ends where the word under the cursor begins."""
    last = before[-1] if before else None
    if last is None or last.is_sign(";"):
        return _keywords("SELECT", "WITH", "FROM")
    if last.is_sign("."):
        owner = before[-2].folded if len(before) > 1 else ""
        return column_candidates(scope.columns.get(owner, ()))
    if last.is_word(*_BEFORE_NEW_NAMES):
        return []
    if _wants_table(before, len(before)):
        names = [Candidate(name, Sort.TABLE, "of this query's WITH") for name in scope.defined]
        return [*names, *table_candidates()]
    reach = {column.name: column for columns in scope.columns.values() for column in columns}
    columns = column_candidates(reach.values() if reach else every_column())
    aliases = [Candidate(f"{name}.", Sort.TABLE) for name in scope.tables if name not in tables_by_name()]
    return [*columns, *aliases, *sql_functions(), *sql_keywords()]


def owner_of(column: str, qualifier: str, scope: SqlScope) -> str:
    """The table that ``column`` is of: by its qualifier, else the first that has it; empty where none is known."""
    if qualifier:
        return scope.tables.get(qualifier.casefold(), "")
    for alias, columns in scope.columns.items():
        if any(each.name.casefold() == column.casefold() for each in columns):
            return scope.tables.get(alias, "")
    return ""


def _keywords(*words: str) -> list[Candidate]:
    return [Candidate(word, Sort.KEYWORD) for word in words]


def _wants_table(tokens: Sequence[Token], index: int) -> bool:
    """Whether a table's name is to stand at ``index``: behind FROM, JOIN, or a comma in the list of tables."""
    if tokens[index - 1].is_word(*_BEFORE_TABLES):
        return True
    if not tokens[index - 1].is_sign(","):
        return False
    depth = 0
    for position in range(index - 1, -1, -1):
        token = tokens[position]
        depth += token.is_sign(")") - token.is_sign("(")
        if depth < 0:
            return False
        if depth == 0 and token.kind is Kind.WORD and token.text.casefold() in _LIST_WORDS:
            return token.is_word(*_BEFORE_TABLES)
    return False


def _sources(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """Each table that is read, with its alias, which may be empty."""
    for index, token in enumerate(tokens):
        if token.kind is Kind.WORD and index and _wants_table(tokens, index):
            rest = [each for each in tokens[index + 1 : index + 3] if not each.is_word("as")]
            alias = rest[0] if rest and rest[0].kind is Kind.WORD else None
            is_alias = alias is not None and alias.folded not in _AFTER_TABLES
            yield token.folded, alias.folded if alias is not None and is_alias else ""


def _add_source(scope: SqlScope, name: str, alias: str) -> None:
    table = tables_by_name().get(name)
    columns = scope.defined.get(name) or (table.columns if table else ())
    if columns:
        scope.columns[alias or name] = columns
        scope.tables[alias or name] = table.name if table and name not in scope.defined else ""


def _with_names(tokens: Sequence[Token]) -> Iterator[tuple[str, Sequence[Token]]]:
    """Each ``name AS (`` with what stands between its brackets."""
    for index, token in enumerate(tokens[:-2]):
        if token.kind is Kind.WORD and tokens[index + 1].is_word("as") and tokens[index + 2].is_sign("("):
            body = tokens[index + 3 : _closing(tokens, index + 2)]
            if body and body[0].is_word("select", "with", "from"):
                yield token.folded, body


def _levels(tokens: Sequence[Token], offset: int) -> Iterator[Sequence[Token]]:
    """The tokens of the innermost SELECT around ``offset``, then of those around it; without others in brackets."""
    opened = [
        index
        for index, token in enumerate(tokens)
        if token.is_sign("(") and _is_query(tokens, index) and token.start < offset <= _end(tokens, index)
    ]
    for start in reversed(opened):
        yield _without_queries(tokens[start + 1 : _closing(tokens, start)])
    yield _without_queries(tokens)


def _is_query(tokens: Sequence[Token], opening: int) -> bool:
    return opening + 1 < len(tokens) and tokens[opening + 1].is_word("select", "with", "from")


def _end(tokens: Sequence[Token], opening: int) -> int:
    closing = _closing(tokens, opening)
    return tokens[closing].start if closing < len(tokens) else tokens[-1].end + MOST_BLANK


def _without_queries(tokens: Sequence[Token]) -> Sequence[Token]:
    kept: list[Token] = []
    index = 0
    while index < len(tokens):
        if tokens[index].is_sign("(") and _is_query(tokens, index):
            index = _closing(tokens, index)
        else:
            kept.append(tokens[index])
            index += 1
    return kept


def _closing(tokens: Sequence[Token], opening: int) -> int:
    depth = 0
    for index in range(opening, len(tokens)):
        depth += tokens[index].is_sign("(") - tokens[index].is_sign(")")
        if depth == 0:
            return index
    return len(tokens)


def _output(body: Sequence[Token], scope: SqlScope) -> Iterator[CatalogueColumn]:
    """The columns that the SELECT ``body`` gives, as far as their names can be seen."""
    inner = SqlScope(defined=dict(scope.defined))
    for name, alias in _sources(body):
        _add_source(inner, name, alias)
    known = {column.name.casefold(): column for columns in inner.columns.values() for column in columns}
    for item in _items(body):
        last = item[-1]
        if last.is_sign("*"):
            yield from known.values()
        elif last.kind is Kind.WORD:
            yield known.get(last.folded) or CatalogueColumn(last.name, "", "", "")


def _items(body: Sequence[Token]) -> Iterator[Sequence[Token]]:
    depth = 0
    item: list[Token] = []
    for token in body[1:]:
        depth += token.is_sign("(") - token.is_sign(")")
        if depth == 0 and token.is_word("from"):
            break
        if depth == 0 and token.is_sign(","):
            yield from [item] if item else []
            item = []
        elif not (token.is_word("distinct") and not item):
            item.append(token)
    if item:
        yield item
