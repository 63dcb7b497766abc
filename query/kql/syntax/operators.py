"""Expressions: what stands between values, and how tightly it binds."""

from query.kql import tree
from query.kql.errors import KqlProblem
from query.kql.syntax import operands
from query.kql.syntax.cursor import Cursor
from query.kql.tokens import Token, TokenKind

# The looser, the smaller: Kusto's grammar.
_LEVELS = {
    **dict.fromkeys(("or",), 1),
    **dict.fromkeys(("and",), 2),
    **dict.fromkeys(("==", "!=", "<>", "in", "in~", "!in", "!in~", "has_any", "has_all", "between", "!between"), 3),
    **dict.fromkeys(("<", ">", "<=", ">="), 3),
    **dict.fromkeys(("=~", "!~", "matches regex"), 3),
    **{
        prefix + word + suffix: 3
        for word in ("has", "contains", "startswith", "endswith", "hasprefix", "hassuffix")
        for prefix in ("", "!")
        for suffix in ("", "_cs")
    },
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "/", "%"), 6),
}
MEMBERSHIPS = frozenset(("in", "in~", "!in", "!in~", "has_any", "has_all"))
OPERATOR_WORDS = frozenset(operator for operator in _LEVELS if operator.isidentifier())
# Longer chains than anybody writes; each link is a level of the tree for whoever walks it.
_MOST_LINKS = 150
_SPELLINGS = {"<>": "!="}


def parse_expression(cursor: Cursor) -> tree.Expression:
    """A value: operands and what stands between them."""
    with cursor.level():
        return _climb(cursor)


def _climb(cursor: Cursor) -> tree.Expression:
    """Shunting: one frame whatever the number of operators, so that depth is that of the brackets alone."""
    chain = _Chain(operands.parse_operand(cursor))
    while operator := operator_at(cursor):
        chain.fold(_LEVELS[operator])
        start = cursor.token
        for _ in operator.split():
            cursor.next()
        if operator in ("between", "!between"):
            chain.values[-1] = _between(cursor, operator, chain.values[-1])
        elif operator in MEMBERSHIPS:
            chain.values[-1] = _membership(cursor, operator, chain.values[-1])
        else:
            chain.push(operator, start, operands.parse_operand(cursor))
    return chain.result()


def operator_at(cursor: Cursor) -> str | None:
    """The operator that stands here, or None."""
    token = cursor.token
    if token.kind is TokenKind.MARK or (token.kind is TokenKind.NAME and token.text in OPERATOR_WORDS):
        return token.text if token.text in _LEVELS else None
    if token.is_word("matches") and cursor.ahead().is_word("regex"):
        return "matches regex"
    return None


class _Chain:
    """Operands and the operators between them, folded as their levels say."""

    __slots__ = ("_links", "_operators", "values")

    def __init__(self, first: tree.Expression) -> None:
        self.values = [first]
        self._operators: list[str] = []
        self._links = 0

    def push(self, operator: str, place: Token, operand: tree.Expression) -> None:
        """Adds an operator and what stands behind it."""
        self._links += operator not in ("and", "or")
        if self._links > _MOST_LINKS:
            raise KqlProblem(f"More than {_MOST_LINKS} operators in one value: take it apart with extend.", place.span)
        self._operators.append(operator)
        self.values.append(operand)

    def fold(self, level: int) -> None:
        """Joins what binds at least as tightly as ``level``; ``and`` and ``or`` wait for all of their operands."""
        while self._operators and self._is_due(self._operators[-1], level):
            operator = self._operators[-1]
            count = self._count_of_last() if operator in ("and", "or") else 1
            joined = self.values[-count - 1 :]
            del self.values[-count - 1 :], self._operators[-count:]
            self.values.append(_balanced(_SPELLINGS.get(operator, operator), joined))

    @staticmethod
    def _is_due(operator: str, level: int) -> bool:
        return _LEVELS[operator] > level or (_LEVELS[operator] == level and operator not in ("and", "or"))

    def _count_of_last(self) -> int:
        count = 0
        for operator in reversed(self._operators):
            if operator != self._operators[-1]:
                break
            count += 1
        return count

    def result(self) -> tree.Expression:
        """The whole value."""
        self.fold(0)
        return self.values[0]


# Up to here chains lean to the left, as they are written; a longer one is balanced, so that its tree stays flat.
_LONGEST_LEANING = 32


def _balanced(operator: str, values: list[tree.Expression]) -> tree.Expression:
    if len(values) > _LONGEST_LEANING:
        middle = len(values) // 2
        return _joined(operator, _balanced(operator, values[:middle]), _balanced(operator, values[middle:]))
    result = values[0]
    for value in values[1:]:
        result = _joined(operator, result, value)
    return result


def _joined(operator: str, left: tree.Expression, right: tree.Expression) -> tree.Binary:
    return tree.Binary(tree.Span(left.span.start, right.span.end), operator, left, right)


def _between(cursor: Cursor, operator: str, left: tree.Expression) -> tree.Between:
    opening = cursor.expect_mark("(", f"after '{operator}', as in between (1 .. 5)")
    low = parse_expression(cursor)
    cursor.expect_mark("..", "between the two ends")
    high = parse_expression(cursor)
    cursor.close(opening, ")")
    return tree.Between(cursor.span_from(left.span.start), operator == "!between", left, low, high)


def _membership(cursor: Cursor, operator: str, left: tree.Expression) -> tree.Membership:
    opening = cursor.expect_mark("(", f"after '{operator}', as in in (1, 2)")
    items = operands.parse_arguments(cursor, opening)
    return tree.Membership(cursor.span_from(left.span.start), operator, left, items)
