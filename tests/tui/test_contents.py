"""What is in a table: other rows are found by their own words."""

from tui.widgets.column_layout import natural_widths
from tui.widgets.contents import Contents
from tui.widgets.rows import Row, TableColumn


def _found(contents: Contents, text: str) -> list[str]:
    contents.filter_text = text
    contents.arrange()
    return [row.key for row in contents.shown]


def test_row_that_is_other_than_before_is_found_by_what_it_says_now() -> None:
    """And those that are the very same as before still are, wherever they stand."""
    contents = Contents((TableColumn("name", "Name"), TableColumn("state", "State")))
    first, second = Row("1", ("web-01", "stale")), Row("2", ("web-02", "stale"))
    contents.set_rows([first, second])
    assert contents._joined is None, "of ten thousand rows 2 MB, for nothing until somebody filters"
    assert _found(contents, "stale") == ["1", "2"]
    contents.set_rows([Row("3", ("db-01", "failed")), second, first._replace(cells=("web-01", "compliant"))])

    found = {text: _found(contents, text) for text in ("stale", "compliant", "failed", "web")}
    assert found == {"stale": ["2"], "compliant": ["1"], "failed": ["3"], "web": ["2", "1"]}
    contents.append([Row("4", ("mail-01", "stale"))])
    contents.replace([Row("3", ("db-01", "stale"))])
    assert _found(contents, "stale") == ["3", "2", "4"]


def test_one_of_many_rows_that_is_other_is_found_by_what_it_says_now() -> None:
    """Where all the others are the very same, each at its place; marks and order are as before."""
    contents = Contents((TableColumn("name", "Name"), TableColumn("state", "State")))
    rows = [Row(str(number), (f"web-{number:02}", "stale")) for number in range(30)]
    contents.set_rows(rows)
    contents.mark(["7", "8"])
    assert len(_found(contents, "stale")) == len(rows)
    rows[7] = Row("7", ("web-07", "failed"))
    contents.set_rows(rows)
    assert [row.key for row in contents.shown] == [row.key for row in rows if row.key != "7"]
    assert _found(contents, "failed") == ["7"]
    assert [row.cells[1] for row in contents.marked] == ["failed", "stale"]


def test_columns_are_as_wide_as_if_all_rows_were_measured() -> None:
    """Where one of many rows got wider, narrower, went or came: only what is other is measured."""
    columns = (TableColumn("name", "Name"), TableColumn("state", "State"))
    contents = Contents(columns)
    rows = [Row(str(number), (f"web-{number:02}", "stale")) for number in range(40)]
    for position, cells in (
        (7, ("web-of-a-long-name", "ok")),
        (8, ("x", "unreachable")),
        (7, ("x", "ok")),
        (8, ("y", "")),
    ):
        rows[position] = Row(str(position), cells)
        contents.set_rows(rows)
        assert contents.natural == natural_widths(columns, rows)
    contents.replace([Row("3", ("web-of-a-longer-name", "ok"))])
    contents.replace([Row("3", ("x", "ok"))])
    assert contents.natural[0] == len("web-of-a-longer-name"), "nothing moves while rows are replaced"
    contents.set_rows(rows[:-1])
    assert contents.natural == natural_widths(columns, rows[:-1])
