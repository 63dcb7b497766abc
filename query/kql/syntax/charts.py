"""``render``."""

from query.kql import tree
from query.kql.syntax import columns, options
from query.kql.syntax.cursor import Cursor

_OLD_PROPERTIES = ("kind", "title", "xcolumn", "ycolumns", "series", "accumulate", "xtitle", "ytitle", "legend")


def parse_render(cursor: Cursor, start: int) -> tree.Render:
    """``render timechart with (title="…")``, whose word was read; also the older ``render timechart kind=stacked``."""
    chart = cursor.expect_name("the name of a chart (timechart, barchart, piechart, table, …)").text
    properties = options.as_options(options.parse_options(cursor, *_OLD_PROPERTIES))
    if cursor.accept_word("by"):
        keys = columns.parse_columns(cursor)
        properties += (("series", ", ".join(key.text for key in keys if isinstance(key, tree.Name))),)
    if cursor.accept_word("with"):
        properties += options.parse_properties(cursor)
    return tree.Render(cursor.span_from(start), chart, properties)
