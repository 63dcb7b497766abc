"""What is in a table: other rows are found by their own words."""

from tui.widgets.contents import Contents
from tui.widgets.rows import Row, TableColumn


def test_row_that_is_other_than_before_is_found_by_what_it_says_now() -> None:
    """And those that are the very same as before still are, wherever they stand."""
    contents = Contents((TableColumn("name", "Name"), TableColumn("state", "State")))
    first, second = Row("1", ("web-01", "stale")), Row("2", ("web-02", "stale"))
    contents.set_rows([first, second])
    contents.set_rows([Row("3", ("db-01", "failed")), second, first._replace(cells=("web-01", "compliant"))])

    found = {}
    for text in ("stale", "compliant", "failed", "web"):
        contents.filter_text = text
        contents.arrange()
        found[text] = [row.key for row in contents.shown]
    assert found == {"stale": ["2"], "compliant": ["1"], "failed": ["3"], "web": ["2", "1"]}
