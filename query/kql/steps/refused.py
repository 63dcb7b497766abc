"""Steps that are known and not translated, each with what to do instead; and ``invoke``, which is a call."""

from query.kql import tree
from query.kql.definitions import BoundTable, Context, DefinedFunction
from query.kql.errors import KqlProblem, unknown
from query.kql.functions_defined import call_rows
from query.kql.rows import Rows
from query.kql.sources import bind_named_rows

_INSTEAD = {
    "externaldata": "read the file with 'patchdeck tables load' and query the table",
    "find": "use union withsource=… and where",
    "scan": "use sort, prev() and next()",
    "facet": "put one query for each summarize",
    "fork": "put one query for each branch",
    "reduce": "use summarize by extract(…)",
    "consume": "use count",
}
_COLUMNS_BY_DATA = {
    "bag_unpack": "name the members instead: extend a = bag.a, b = bag.b",
    "pivot": "name the values instead: summarize a = countif(column == 'a'), b = countif(column == 'b') by …",
    "narrow": "use mv-expand over pack_all()",
}

# What invoke hands to the function; no query writes this name by chance.
_PIPED = "rows of invoke"


def bind_unsupported(context: Context, _rows: Rows, step: tree.Unsupported) -> Rows:
    """Refuses a step that is known by name."""
    return refuse_source(context, step)


def refuse_source(_context: Context, step: tree.Unsupported) -> Rows:
    """Refuses a source that is known by name."""
    instead = _INSTEAD.get(step.name.lower().removesuffix("()"))
    if instead is None and step.name.endswith("()"):
        instead = "queries here read the tables of this fleet: name the table alone"
    raise KqlProblem(f"{step.name!r} is not translated{f': {instead}' if instead else ''}.", step.span)


def bind_evaluate(_context: Context, _rows: Rows, step: tree.Evaluate) -> Rows:
    """Refuses plugins: what columns they give, only their data tell, or they compute elsewhere."""
    name = step.call.name.text
    if name in _COLUMNS_BY_DATA:
        message = f"The columns of {name} depend on the rows, so it is not translated: {_COLUMNS_BY_DATA[name]}."
        raise KqlProblem(message, step.span)
    raise KqlProblem(f"The plugin {name!r} is not translated: use summarize, join or extend.", step.span)


def bind_invoke(context: Context, rows: Rows, step: tree.Invoke) -> Rows:
    """``invoke f(…)``: the rows are the first argument of ``f``."""
    found = context.find(step.call.name.text)
    if not isinstance(found, DefinedFunction):
        known = [name for name, what in context.definitions or () if isinstance(what, DefinedFunction)]
        raise unknown("function that let defines", step.call.name.text, known, step.call.name.span)
    rows = context.program.written(rows, step.span)
    inner = context.defined(_PIPED, BoundTable(rows))
    piped = tree.Name(step.span, _PIPED)
    call = tree.Call(step.call.span, step.call.name, (piped, *step.call.arguments))
    return call_rows(found, call, inner, lambda one: bind_named_rows(inner, one))
