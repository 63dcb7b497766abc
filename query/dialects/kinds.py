"""Kinds of values, as far as forms depend on them: sqlglot's types, and what it does not know of DuckDB's."""

import json
from collections.abc import Callable
from enum import Enum, auto

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.optimizer.annotate_types import TypeAnnotator, annotate_types

from query.dialects.schema import table_schema


class Kind(Enum):
    """What a value is. NOTHING is NULL without a type; UNKNOWN what could not be found out."""

    TEXT = auto()
    INTEGER = auto()
    DECIMAL = auto()
    REAL = auto()
    BOOL = auto()
    TIME = auto()
    DAY = auto()
    SPAN = auto()
    JSON = auto()
    LIST = auto()
    STRUCT = auto()
    NOTHING = auto()
    UNKNOWN = auto()


_D = exp.DType
_KINDS = {
    **dict.fromkeys(exp.DataType.TEXT_TYPES, Kind.TEXT),
    **dict.fromkeys(exp.DataType.INTEGER_TYPES, Kind.INTEGER),
    **dict.fromkeys((_D.DECIMAL, _D.BIGDECIMAL), Kind.DECIMAL),
    **dict.fromkeys((_D.DOUBLE, _D.FLOAT), Kind.REAL),
    **dict.fromkeys((_D.TIMESTAMP, _D.DATETIME, _D.TIMESTAMPNTZ), Kind.TIME),
    **dict.fromkeys((_D.ARRAY, _D.LIST), Kind.LIST),
    **dict.fromkeys((_D.STRUCT, _D.OBJECT), Kind.STRUCT),
    _D.BOOLEAN: Kind.BOOL,
    _D.DATE: Kind.DAY,
    _D.INTERVAL: Kind.SPAN,
    _D.JSON: Kind.JSON,
    _D.NULL: Kind.NOTHING,
}
_BY_NAME: dict[str, str] = {
    **dict.fromkeys(
        ("now", "get_current_timestamp", "transaction_timestamp", "ago", "current_localtimestamp"), "TIMESTAMP"
    ),
    "today": "DATE",
    **dict.fromkeys(("try_strptime", "make_timestamp"), "TIMESTAMP"),
    **dict.fromkeys(
        ("list_position", "list_indexof", "array_position", "len", "strlen", "ord", "json_array_length"), "INT"
    ),
    **dict.fromkeys(("date_sub", "datesub", "epoch_ms", "epoch_us", "date_part", "datepart"), "BIGINT"),
    **{
        f"to_{unit}": "INTERVAL"
        for unit in ("hours", "minutes", "seconds", "weeks", "months", "years", "milliseconds", "microseconds")
    },
    **dict.fromkeys(("concat_ws", "printf", "suffix", "bar", "left", "right", "json_type"), "VARCHAR"),
    **dict.fromkeys(("prefix", "suffix", "ends_with", "contains", "list_has", "json_valid", "isnan"), "BOOLEAN"),
}
_OF_FIRST = ("arg_max_null", "arg_min_null", "max_by", "min_by", "first", "list_sort", "trim", "mode")


def kind(node: exp.Expr) -> Kind:
    """The kind of ``node`` in a tree that `annotate` has seen."""
    return _KINDS.get(node.type.this, Kind.UNKNOWN) if node.type is not None else Kind.UNKNOWN


def annotate(tree: exp.Query) -> exp.Query:
    """``tree`` with the types of its expressions."""
    return annotate_types(tree, table_schema(), expression_metadata=_METADATA, dialect="duckdb")


def structure_of(call: exp.FromJson) -> exp.DataType | None:
    """The type that a ``from_json`` asks for; None where it is not one of texts, numbers, lists and objects."""
    try:
        return exp.DataType.build(_type_text(json.loads(call.expression.name)), dialect="duckdb")
    except (ValueError, TypeError):
        return None


def _type_text(structure: object) -> str:
    if isinstance(structure, str):
        return structure
    if isinstance(structure, list) and len(structure) == 1:
        return f"{_type_text(structure[0])}[]"
    if isinstance(structure, dict) and structure:
        fields = (f'"{name.casefold()}" {_type_text(value)}' for name, value in structure.items())
        return f"STRUCT({', '.join(fields)})"
    raise ValueError(structure)


def _as_first(self: TypeAnnotator, node: exp.Expr) -> exp.Expr:
    first = node.this if isinstance(node.this, exp.Expr) else node.expressions[0]
    self._set_type(node, first.type)
    return node


def _anonymous(self: TypeAnnotator, node: exp.Expr) -> exp.Expr:
    name = node.name.casefold()
    if name in _OF_FIRST and node.expressions:
        return _as_first(self, node)
    self._set_type(node, exp.DataType.build(_BY_NAME.get(name, "UNKNOWN"), dialect="duckdb"))
    return node


def _from_json(self: TypeAnnotator, node: exp.Expr) -> exp.Expr:
    assert isinstance(node, exp.FromJson)
    self._set_type(node, structure_of(node) or _D.UNKNOWN)
    return node


def _texts(self: TypeAnnotator, node: exp.Expr) -> exp.Expr:
    self._set_type(node, exp.DataType.build("VARCHAR[]", dialect="duckdb"))
    return node


def _times(self: TypeAnnotator, node: exp.Expr) -> exp.Expr:
    first = node.args["start"].type
    is_time = first is not None and first.this in (_D.DATE, _D.TIMESTAMP)
    self._set_type(node, exp.DataType.build("TIMESTAMP[]" if is_time else "BIGINT[]", dialect="duckdb"))
    return node


def _difference(self: TypeAnnotator, node: exp.Expr) -> exp.Expr:
    """Like sqlglot's, but for times and days: their differences are spans and numbers, day and span make a time."""
    sides = [_KINDS.get(side.type.this) if side.type is not None else None for side in (node.this, node.expression)]
    numbers = (Kind.INTEGER, Kind.NOTHING)
    if sides == [Kind.DAY, Kind.DAY]:
        self._set_type(node, _D.BIGINT)
    elif isinstance(node, exp.Sub) and sides[0] in (Kind.TIME, Kind.DAY) and sides[1] in (Kind.TIME, Kind.DAY):
        self._set_type(node, _D.INTERVAL)
    elif Kind.SPAN in sides and (Kind.TIME in sides or Kind.DAY in sides):
        self._set_type(node, _D.TIMESTAMP)
    elif Kind.DAY in sides and any(side in numbers for side in sides):
        self._set_type(node, _D.DATE)
    else:
        DuckDB.EXPRESSION_METADATA[type(node)]["annotator"](self, node)
    return node


_ANNOTATORS: dict[type[exp.Expr], Callable[[TypeAnnotator, exp.Expr], exp.Expr]] = {
    exp.Anonymous: _anonymous,
    exp.ArgMax: _as_first,
    exp.ArgMin: _as_first,
    exp.FromJson: _from_json,
    exp.Split: _texts,
    exp.GenerateSeries: _times,
    exp.Sub: _difference,
    exp.Add: _difference,
}
_METADATA = {
    **DuckDB.EXPRESSION_METADATA,
    **{node: {"annotator": annotator} for node, annotator in _ANNOTATORS.items()},
    exp.TimeToUnix: {"returns": _D.DOUBLE},
    exp.ToDays: {"returns": _D.INTERVAL},
    exp.TimestampTrunc: {"returns": _D.TIMESTAMP},
    exp.JSONExtractScalar: {"returns": _D.VARCHAR},
    exp.RegexpReplace: {"returns": _D.VARCHAR},
    exp.SplitPart: {"returns": _D.VARCHAR},
    exp.Median: {"returns": _D.DOUBLE},
    exp.Trunc: {"returns": _D.DOUBLE},
    exp.RegexpLike: {"returns": _D.BOOLEAN},
    exp.Round: {"annotator": _as_first},
    exp.LogicalOr: {"returns": _D.BOOLEAN},
    exp.LogicalAnd: {"returns": _D.BOOLEAN},
}
