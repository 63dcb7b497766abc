"""Which columns of a table fit."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.rows.machine_rows import MACHINE_COLUMNS
from tui.tones import Tone
from tui.widgets.column_layout import lay_out, natural_widths
from tui.widgets.line import Piece, break_pieces, cut_to_cells, fit_pieces
from tui.widgets.row_drawing import fit
from tui.widgets.rows import Row, TableColumn

COLUMNS = (
    TableColumn("name", "Machine", most=20, least=8, priority=0),
    TableColumn("state", "State", most=14, least=6, priority=1),
    TableColumn("count", "Count", is_number=True, priority=3),
    TableColumn("os", "System", most=30, least=10, priority=2),
)


def test_least_important_column_gives_way_first() -> None:
    """The column with the highest priority number is dropped, the first one never."""
    rows = [Row("1", ("web-01", "compliant", "12", "Debian GNU/Linux 12 (bookworm)"))]
    natural = natural_widths(COLUMNS, rows)
    shown = [[placed.index for placed in lay_out(COLUMNS, natural, width).placed] for width in (100, 28, 20, 4)]
    assert shown == [[0, 1, 2, 3], [0, 1, 3], [0, 1], [0]]


def test_long_texts_keep_more_of_their_column_than_short_ones() -> None:
    """Titles of updates stay readable where room is short; names of packages leave it to what stands beside them."""
    columns = (TableColumn("update", "Update", most=40, least=10, priority=0, least_of_long=30), *COLUMNS[1:3])
    widths = []
    for update in ("openssl", "2026-11 Cumulative Update for Windows Server 2022"):
        rows = [Row("1", (update, "compliant", "12"))]
        widths.append([each.width for each in lay_out(columns, natural_widths(columns, rows), 30).placed])
    assert widths == [[10, 9, 6], [30]]


def test_passing_over_columns_keeps_the_first() -> None:
    """The first column is frozen while the others are passed over."""
    layout = lay_out(COLUMNS, [8, 6, 5, 10], 100, skip=2)
    assert [placed.index for placed in layout.placed] == [0, 3]
    assert layout.dropped == 2


def test_width_of_a_column_counts_cells_not_characters() -> None:
    """A wide character takes two cells."""
    rows = [Row("1", ("漢字漢字漢字", "", "", ""))]
    assert natural_widths(COLUMNS, rows)[0] == 12


@given(st.lists(st.integers(3, 60), min_size=4, max_size=4), st.integers(1, 200))
def test_columns_never_take_more_than_there_is(natural: list[int], width: int) -> None:
    """Whatever the columns want, what is shown fits."""
    layout = lay_out(COLUMNS, natural, width)
    total = sum(placed.width for placed in layout.placed) + layout.gap * (len(layout.placed) - 1)
    assert total <= max(width, 1)
    assert len(layout.placed) + layout.dropped == len(COLUMNS)


@given(st.text(max_size=40), st.integers(1, 30), st.booleans())
def test_cell_is_exactly_as_wide_as_its_column(text: str, width: int, is_number: bool) -> None:
    """Any text, wide and combining characters too, fills its column to the cell."""
    assert cell_len(fit(text, width, is_number=is_number)) == width


def test_cut_text_ends_with_an_ellipsis() -> None:
    """What was cut shows that it was."""
    assert cut_to_cells("openssl", 4) == "ope…"
    assert cut_to_cells("openssl", 7) == "openssl"
    assert cut_to_cells("漢字漢字", 5) == "漢字…"


@given(st.lists(st.text("abc 漢", min_size=1, max_size=12), max_size=6), st.integers(0, 40))
def test_pieces_of_a_line_are_whole(texts: list[str], width: int) -> None:
    """Only the very first piece is ever cut, and all together fit."""
    pieces = [Piece(text) for text in texts]
    fitting = fit_pieces(pieces, width)
    assert sum(cell_len(piece.text) for piece in fitting) <= width
    assert fitting[1:] == pieces[1 : len(fitting)]


@given(st.lists(st.text("abc 漢", max_size=12), max_size=6), st.integers(4, 40), st.sampled_from([Tone.KEY, Tone.DIM]))
def test_notice_is_broken_between_words_and_loses_none(texts: list[str], width: int, first: Tone) -> None:
    """Each line fits; only a word longer than its line is cut. What goes on stands below the text of its key."""
    pieces = [Piece(text, Tone.NORMAL if number else first) for number, text in enumerate(texts)]
    lines = ["".join(piece.text for piece in line) for line in break_pieces(pieces, width)]
    assert all(cell_len(line) <= width for line in lines)
    if not any("…" in line for line in lines):
        assert "".join("".join(lines).split()) == "".join("".join(texts).split())
    said = break_pieces([Piece("n", Tone.KEY), Piece("  define one: a list")], 14)
    assert ["".join(piece.text for piece in line) for line in said] == ["n  define one:", "   a list"]


def test_names_of_machines_are_whole_before_other_columns_are_there() -> None:
    """At 120 cells and at 80: which machine it is matters more than its tags."""
    name = "web-frankfurt-prod-00123"
    rows = [
        Row(
            "1",
            (
                name,
                "non-compliant",
                *"1234",
                "reboot",
                "connection-refused",
                "3 d",
                "Debian GNU/Linux 12",
                "env=prod",
                "x",
            ),
        )
    ]
    natural = natural_widths(MACHINE_COLUMNS, rows)
    for width in (77, 117):
        assert lay_out(MACHINE_COLUMNS, natural, width).placed[0].width == len(name)


def test_title_of_a_narrow_pane_is_cut_rather_than_left_out() -> None:
    """The rule before it is no word: without the title nobody knows what the rows are."""
    assert fit_pieces([Piece("─ "), Piece("Missing updates 137 "), Piece("─ ")], 14) == [
        Piece("─ "),
        Piece("Missing upd…"),
    ]
