"""Values joined by operators."""

from query.kql import tree
from query.kql.errors import KqlProblem
from query.kql.syntax import operands
from query.kql.syntax.cursor import Cursor
from query.kql.syntax.precedence import BETWEENS, COMPARING, LEVELS, MEMBERSHIPS, OPERATOR_WORDS, SPELLINGS
from query.kql.tokens import Token, TokenKind

# Longer chains than anybody writes; each link is a level of the tree for whoever walks it.
_MOST_LINKS = 100
# Up to here chains lean to the left, as they are written; a longer one is balanced, so that its tree stays flat.
_LONGEST_LEANING = 32


def parse_expression(cursor: Cursor) -> tree.Expression:
    """A value: operands and what stands between them."""
    with cursor.level():
        return _climb(cursor)


def _climb(cursor: Cursor) -> tree.Expression:
    """Shunting: one frame whatever the number of operators, so that depth is that of the brackets alone."""
    chain = _Chain(operands.parse_operand(cursor))
    while operator := operator_at(cursor):
        place = cursor.token
        chain.fold(operator, place)
        for _ in operator.split():
            cursor.next()
        if operator in MEMBERSHIPS or operator in BETWEENS:
            chain.replace_last(_ranged(cursor, operator, chain.last), place)
        else:
            chain.push(operator, place, operands.parse_operand(cursor))
    return chain.result()


def operator_at(cursor: Cursor) -> str | None:
    """The operator that stands here, or None."""
    token = cursor.token
    if token.kind is TokenKind.MARK or (token.kind is TokenKind.NAME and token.text in OPERATOR_WORDS):
        is_range = token.text == "in" and cursor.ahead().is_word("range")
        return token.text if token.text in LEVELS and not is_range else None
    if token.is_word("matches") and cursor.ahead().is_word("regex"):
        return "matches regex"
    return None


class _Chain:
    """Operands and the operators between them, folded as their levels say."""

    __slots__ = ("_is_ranged", "_links", "_operators", "_values")

    def __init__(self, first: tree.Expression) -> None:
        self._values = [first]
        self._operators: list[str] = []
        self._links = 0
        self._is_ranged = False

    @property
    def last(self) -> tree.Expression:
        """The operand that came last, with what binds it tighter than what follows."""
        return self._values[-1]

    def replace_last(self, value: tree.Expression, place: Token) -> None:
        """Makes ``value``, in which the last operand is, the last one."""
        self._count_link(place)
        self._values[-1] = value
        self._is_ranged = True

    def push(self, operator: str, place: Token, operand: tree.Expression) -> None:
        """Adds an operator and what stands behind it."""
        if operator not in ("and", "or"):
            self._count_link(place)
        self._operators.append(operator)
        self._values.append(operand)
        self._is_ranged = False

    def _count_link(self, place: Token) -> None:
        self._links += 1
        if self._links > _MOST_LINKS and not self._operators:
            raise KqlProblem(f"More than {_MOST_LINKS} operators in one value: take it apart with extend.", place.span)

    def fold(self, operator: str, place: Token) -> None:
        """Joins what binds tighter than ``operator``, or as tightly where it came first.

        Raises:
            KqlProblem: two comparisons stand beside each other, as in ``a < b < c``.
        """
        level = LEVELS[operator]
        self._fold_above(level)
        is_repeated = bool(self._operators) and LEVELS[self._operators[-1]] == level
        is_second = (is_repeated and level in COMPARING) or (self._is_ranged and level > LEVELS["and"])
        if is_second:
            raise KqlProblem(
                f"'{place.text}' stands after another comparison: put 'and' between them, or one of them in brackets.",
                place.span,
            )
        if is_repeated and operator not in ("and", "or"):
            self._join_last(1)

    def _fold_above(self, level: int) -> None:
        """Joins what binds tighter than ``level``; the operands of one chain of ``and`` or ``or`` all at once."""
        while self._operators and LEVELS[self._operators[-1]] > level:
            self._join_last(self._count_of_last() if self._operators[-1] in ("and", "or") else 1)

    def _join_last(self, count: int) -> None:
        operator = self._operators[-1]
        joined = self._values[-count - 1 :]
        del self._values[-count - 1 :], self._operators[-count:]
        self._values.append(_balanced(SPELLINGS.get(operator, operator), joined))

    def _count_of_last(self) -> int:
        count = 0
        for operator in reversed(self._operators):
            if operator != self._operators[-1]:
                break
            count += 1
        return count

    def result(self) -> tree.Expression:
        """The whole value."""
        self._fold_above(0)
        return self._values[0]


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


def _ranged(cursor: Cursor, operator: str, left: tree.Expression) -> tree.Expression:
    if operator in BETWEENS:
        return _between(cursor, operator, left)
    opening = cursor.expect_mark("(", f"after '{operator}'", f"write {operator} (1, 2), or {operator} (table)")
    if cursor.token.is_mark(")"):
        raise cursor.unexpected("a value is expected", "write at least one")
    items = operands.parse_arguments(cursor, opening)
    return tree.Membership(cursor.span_from(left.span.start), operator, left, items)


def _between(cursor: Cursor, operator: str, left: tree.Expression) -> tree.Between:
    opening = cursor.expect_mark("(", f"after '{operator}'", f"write {operator} (1 .. 5)")
    low = parse_expression(cursor)
    if not cursor.token.is_mark(".."):
        raise cursor.unexpected("'..' is expected", f"write {operator} (low .. high)")
    cursor.next()
    high = parse_expression(cursor)
    cursor.close(opening, ")")
    return tree.Between(cursor.span_from(left.span.start), operator == "!between", left, low, high)
