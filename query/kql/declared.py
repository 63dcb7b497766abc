"""The values of the parameters that a query declares, as the types that it declares."""

from collections.abc import Mapping

from fleet.tables import ColumnType
from query.kql import tree
from query.kql.errors import KqlProblem
from query.kql.parser import parse
from query.kql.types import KqlType
from query.literals import parse_value

_READ_AS = {
    KqlType.BOOL: ColumnType.BOOL,
    KqlType.INT: ColumnType.INT,
    KqlType.LONG: ColumnType.INT,
    KqlType.REAL: ColumnType.REAL,
    KqlType.DATETIME: ColumnType.DATETIME,
}


def declared_values(text: str, given: Mapping[str, object]) -> Mapping[str, object]:
    """``given``, with the texts among it read as what ``declare query_parameters`` in ``text`` says that they are.

    Raises:
        BadInput: one is not of its type.
    """
    if not any(isinstance(value, str) for value in given.values()):
        return given
    try:
        statements = parse(text).statements
    except KqlProblem:  # told when it is translated
        return given
    values = dict(given)
    for parameter in (one for each in statements if isinstance(each, tree.QueryParameters) for one in each.parameters):
        name, value = parameter.name.text, given.get(parameter.name.text)
        if isinstance(value, str) and parameter.type in _READ_AS:
            values[name] = parse_value(name, _READ_AS[parameter.type], value)
    return values
