"""Functions that choose a value, or tell whether there is one."""

from query.kql.bound import Bound
from query.kql.coercion import common_type, convert
from query.kql.errors import KqlProblem
from query.kql.functions.function import Function
from query.kql.signature import Arguments
from query.kql.types import KqlType


def _iff(arguments: Arguments) -> Bound:
    first, second = alike(arguments, (1, 2))
    return Bound(f"if({arguments[0].sql}, {first.sql}, {second.sql})", first.type)


def _case(arguments: Arguments) -> Bound:
    if len(arguments) % 2 == 0:
        raise KqlProblem("case() takes pairs of a condition and a value, and one value at the end.", arguments.span)
    last = len(arguments) - 1
    values = alike(arguments, (*range(1, last, 2), last))
    pairs = zip(range(0, last, 2), values[:-1], strict=True)
    cases = " ".join(f"WHEN {_condition(arguments, index).sql} THEN {value.sql}" for index, value in pairs)
    return Bound(f"CASE {cases} ELSE {values[-1].sql} END", values[0].type)


def _condition(arguments: Arguments, index: int) -> Bound:
    value = arguments[index]
    if value.type is KqlType.DYNAMIC:
        return convert(value, KqlType.BOOL)
    if value.type is not KqlType.BOOL:
        raise arguments.problem(index, f"a condition stands here, not a {value.type.value}.")
    return value


def alike(arguments: Arguments, indexes: tuple[int, ...]) -> list[Bound]:
    """Arguments under the one type that all of them have or can be taken for.

    Raises:
        KqlProblem: there is none.
    """
    values = [arguments[index] for index in indexes]
    type_ = common_type([value.type for value in values if not _is_bare_null(value)] or [values[0].type])
    if type_ is None:
        other = next(index for index in indexes if arguments[index].type is not values[0].type)
        raise arguments.problem(
            other,
            f"all values must be of one type, and this is a {arguments[other].type.value} where the first is a "
            f"{values[0].type.value}: convert it with to{values[0].type.value}(…).",
        )
    return [convert(value, type_) for value in values]


def _is_bare_null(value: Bound) -> bool:
    return value.is_literal and value.literal is None and value.type is KqlType.DYNAMIC


def _coalesce(arguments: Arguments) -> Bound:
    values = alike(arguments, tuple(range(len(arguments))))
    if values[0].type is KqlType.STRING:
        # A text is never null: the first that is not empty is taken.
        nullable = [f"nullif({value.sql}, '')" for value in values[:-1]]
        return Bound(f"coalesce({', '.join((*nullable, values[-1].sql))})", KqlType.STRING)
    if values[0].type is KqlType.DYNAMIC:
        nullable = [f"nullif({value.sql}, 'null')" for value in values]
        return Bound(f"coalesce({', '.join(nullable)})", KqlType.DYNAMIC)
    return Bound(f"coalesce({', '.join(value.sql for value in values)})", values[0].type)


def null_test(value: Bound, test: str) -> Bound:
    """Whether a value ``IS NULL`` or ``IS NOT NULL``; a text never is, and JSON's null is one."""
    if value.type is KqlType.STRING:
        return Bound("false" if test == "IS NULL" else "true", KqlType.BOOL)
    tested = f"({value.operand} ->> '$')" if value.type is KqlType.DYNAMIC else value.operand
    return Bound(f"{tested} {test}", KqlType.BOOL, is_atom=False)


def _isnull(arguments: Arguments) -> Bound:
    return null_test(arguments[0], "IS NULL")


def _isnotnull(arguments: Arguments) -> Bound:
    return null_test(arguments[0], "IS NOT NULL")


def _isempty(arguments: Arguments) -> Bound:
    value = arguments[0]
    if value.type is KqlType.STRING:
        return Bound(f"{value.compared} = ''", KqlType.BOOL, is_atom=False)
    if value.type is KqlType.DYNAMIC:
        return Bound(f"coalesce({value.operand} ->> '$', '') = ''", KqlType.BOOL, is_atom=False)
    return _isnull(arguments)


def _isnotempty(arguments: Arguments) -> Bound:
    value = arguments[0]
    if value.type is KqlType.STRING:
        return Bound(f"{value.compared} <> ''", KqlType.BOOL, is_atom=False)
    if value.type is KqlType.DYNAMIC:
        return Bound(f"coalesce({value.operand} ->> '$', '') <> ''", KqlType.BOOL, is_atom=False)
    return _isnotnull(arguments)


def _not(arguments: Arguments) -> Bound:
    return Bound(f"NOT {arguments[0].operand}", KqlType.BOOL, is_atom=False)


def _extreme(function: str) -> Function:
    def write(arguments: Arguments) -> Bound:
        values = alike(arguments, tuple(range(len(arguments))))
        name = "greatest" if function == "max_of" else "least"
        return Bound(f"{name}({', '.join(value.sql for value in values)})", values[0].type)

    which = "largest" if function == "max_of" else "smallest"
    return Function(
        f"{function}(value: any, other: any...)", f"The {which} of its arguments; nulls do not count.", write
    )


CONDITIONS = (
    Function(
        "iff(condition: condition, then: any, otherwise: any)",
        "One of two values; the second where the condition is null.",
        _iff,
        aliases=("iif",),
    ),
    Function(
        "case(condition: any, value: any, more: any...)",
        "The value behind the first condition that holds, else the last argument.",
        _case,
    ),
    Function(
        "coalesce(value: any, other: any...)",
        "The first argument that is not null, or of texts the first that is not empty.",
        _coalesce,
    ),
    Function("isnull(value: any): bool", "Whether it is null; a text never is.", _isnull),
    Function("isnotnull(value: any): bool", "Whether it is not null.", _isnotnull, aliases=("notnull",)),
    Function("isempty(value: any): bool", "Whether it is an empty text or null.", _isempty),
    Function("isnotempty(value: any): bool", "Whether it is no empty text and no null.", _isnotempty, ("notempty",)),
    Function("not(condition: bool): bool", "The opposite; null for null.", _not),
    _extreme("max_of"),
    _extreme("min_of"),
)
