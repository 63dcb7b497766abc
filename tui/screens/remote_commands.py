"""The real commands that Patchdeck runs on a machine: what an assessment would run, what its runs did run."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from fleet.errors import PatchdeckError
from fleet.hostile import clean, clean_name
from ops.cli.run_texts import format_seconds
from tui.background import in_thread
from tui.clipboard import copy_lines
from tui.presence import is_up
from tui.screens.overlay import Overlay
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Line, Piece
from tui.widgets.rows import Row, TableColumn
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from ops.remote_commands import RemoteCommand
    from tui.app import PatchdeckApp

_COLUMNS = (
    TableColumn("occasion", "For", most=12, least=10, priority=0),
    TableColumn("at", "Ended", most=17, least=11, priority=3),
    TableColumn("took", "Took", most=10, least=6, is_number=True, priority=4),
    TableColumn("ended", "How", most=10, least=7, priority=2),
    TableColumn("command", "Command", most=400, least=24, priority=1),
)


class RemoteCommandsOverlay(Overlay[None]):
    """A row for each command on the machine called ``name``; nothing is run here."""

    DEFAULT_CSS = """
    RemoteCommandsOverlay > .box { width: 140; height: 88%; }
    RemoteCommandsOverlay Detail { height: 3; background: $surface; padding: 0; }
    RemoteCommandsOverlay .keys { background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "in full", tooltip="The command in full, with all of its script"),
        Binding("y", "copy", "copy", tooltip="Copy the command under the cursor"),
    ]

    def __init__(self, name: str) -> None:
        super().__init__()
        self._machine_name = name
        self._commands: list[RemoteCommand] = []

    def title_text(self) -> str:
        """Whose commands they are."""
        return f"Commands on {clean_name(self._machine_name)}"

    def content(self) -> ComposeResult:
        """The commands, the one under the cursor, the keys."""
        yield BigTable(_COLUMNS)
        yield Detail()
        yield Line(classes="keys")

    def on_mount(self) -> None:
        """Reads them."""
        keys = (("enter", " in full, with its script  "), ("y", " copy"))
        pieces = [piece for key, label in keys for piece in (Piece(key, Tone.KEY), Piece(label, Tone.DIM))]
        self.query_one(".keys", Line).show(pieces)
        self._notice("Reading …", Tone.DIM)
        home, name = self._deck.home, self._machine_name

        def read() -> "list[RemoteCommand]":
            from ops.remote_commands import commands_of_machine

            return commands_of_machine(home, name)

        in_thread(self._deck, read, self._take, self._fail, what="reading the commands")

    def on_big_table_cursor_moved(self, event: BigTable.CursorMoved) -> None:
        """Shows the whole command under the cursor."""
        event.stop()
        command = self._under_cursor
        lines = [] if command is None else [(Piece(command.command),)]
        if command is not None and command.script:
            count = command.script.count("\n")
            lines.append((Piece(f"{count:,} lines of script on its standard input: enter shows them.", Tone.DIM),))
        self.query_one(Detail).show(lines)

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens it."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Shows the command in full, with its script."""
        from tui.screens.full_text import FullText

        if command := self._under_cursor:
            script = f"\n\n{command.script}" if command.script else ""
            self.app.push_screen(FullText(f"Command on {self._machine_name}", command.command + script))

    def action_copy(self) -> None:
        """Copies the command."""
        if command := self._under_cursor:
            copy_lines(self._deck, [command.command], "the command")

    @property
    def _deck(self) -> "PatchdeckApp":
        return cast("PatchdeckApp", self.app)

    @property
    def _under_cursor(self) -> "RemoteCommand | None":
        row = self.query_one(BigTable).cursor_row
        return self._commands[int(row.key)] if row is not None else None

    def _take(self, commands: "list[RemoteCommand]") -> None:
        self._commands = commands
        if is_up(self):
            self._notice("No command is known of this machine.", Tone.NORMAL)
            self.query_one(BigTable).set_rows([_row(number, each) for number, each in enumerate(commands)])

    def _fail(self, error: PatchdeckError) -> None:
        if is_up(self):
            self._notice(str(error), Tone.BAD)

    def _notice(self, text: str, tone: Tone) -> None:
        self.query_one(BigTable).set_notice((Piece(text, tone),))


def _row(number: int, command: "RemoteCommand") -> Row:
    at = f"{command.at[:10]} {command.at[11:16]}Z" if command.at else "next time"
    seconds = format_seconds(command.seconds)
    cells = (clean(command.occasion)[:10], at, seconds, clean(command.ended), clean(command.command))
    ended = Tone.GOOD if command.ended == "exit 0" else Tone.PENDING
    return Row(str(number), cells, (Tone.NORMAL, Tone.DIM, Tone.DIM, ended, Tone.NORMAL))
