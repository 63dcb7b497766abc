"""A group's definition: who would be in it is shown while one types, and a mistake with its place."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widgets import Input

from fleet.errors import BadInput, ExpressionMistake, PatchdeckError, UnknownName
from fleet.groups.expression import parse_expression
from fleet.groups.group import Group, check_group_name
from fleet.hostile import clean, clean_name
from fleet.targets import find_machines
from tui.group_deeds import members_text
from tui.newest_work import NewestWork
from tui.screens.form import Field, Form
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.error_lines import ErrorLines
from tui.widgets.line import Piece

if TYPE_CHECKING:
    from fleet.status import MachineStatus
    from ops.home import Home
    from tui.app import PatchdeckApp
    from tui.group_words import GroupWords

# Between two letters less time goes by; longer would feel late.
PAUSE_SECONDS = 0.25
_EXPLAINED = 4
# A name for a group that has none yet, to ask who would be in it.
_UNNAMED = "this-group"


@dataclass(frozen=True, slots=True)
class WouldBe:
    """Who would be in a group: how many of how many, some of them with why, and what is said of targets of nobody."""

    known: int
    unknown: int
    total: int
    some: tuple[tuple[str, str], ...]
    unnamed: tuple[str, ...] = ()


class GroupForm(Form[Group]):
    """Gives the group; ``begun`` is what it begins with, a name that ``is_new`` may be written."""

    TAKES = "keeps it"
    DEFAULT_CSS = """
    GroupForm > .box { width: 100; }
    GroupForm .hint { height: 6; max-height: 6; }
    GroupForm ErrorLines { background: $surface; padding: 0; }
    GroupForm ErrorLines > Detail, GroupForm ErrorLines > Line { background: $surface; }
    """

    def __init__(
        self,
        deck: "PatchdeckApp",
        words: "GroupWords",
        begun: Group | None = None,
        *,
        is_new: bool = True,
        reason: str = "",
    ) -> None:
        super().__init__(reason)
        self._deck = deck
        self._words = words
        self._begun = begun or Group("")
        self._is_new = is_new
        self._statuses = deck.fleet.statuses
        self._looking: NewestWork[WouldBe] = NewestWork(
            deck, self, self._show, self.refuse, pause_seconds=PAUSE_SECONDS, what="looking for the members"
        )

    def title_text(self) -> str:
        """What is defined."""
        return "New group" if self._is_new else f"Group {self._begun.name}"

    def fields(self) -> Sequence[Field]:
        """The name of a new one; one of three that say who is in it; what it is for."""
        begun, words = self._begun, self._words
        name = (Field("name", "Name", begun.name, "web-prod"),) if self._is_new else ()
        return (
            *name,
            Field("where", "Expression", begun.expression, "tag:env=prod and reboot = yes", words=words.expression),
            Field("targets", "or a list", " ".join(begun.targets), "web-* db-01 group:edge", words=words.targets),
            Field("query", "or a query", begun.query, "a saved query whose rows name machines", choices=words.queries),
            Field(
                "profile", "Profile", begun.profile or "", "how its members are logged in to", choices=words.profiles
            ),
            Field("description", "Description", begun.description, "what it is for; may be empty"),
        )

    def below_fields(self) -> ComposeResult:
        """The place of a mistake."""
        yield ErrorLines()

    def hint(self) -> None:
        """Who would be in it."""
        self._look()

    def changed(self, name: str) -> None:
        """Looks anew who would be in it."""
        if name not in ("description", "name", "profile"):
            self._look()

    def made(self, texts: dict[str, str]) -> Group:
        """The group.

        Raises:
            BadInput: it cannot be used; says which field and why.
        """
        group = self._written(texts)
        check_group_name(group.name)
        if group.profile is not None and group.profile.casefold() not in map(str.casefold, self._words.profiles):
            raise UnknownName("profile", group.profile, self._words.profiles)
        if not group.definition:
            raise BadInput("Say who is in it: by an expression, a list or a query.")
        if group.expression:
            self._check_expression(group.expression)
        return group

    def _check_expression(self, text: str) -> None:
        try:
            parse_expression(text)
        except ExpressionMistake as mistake:
            entry = self.query_one("#field-where", Input)
            entry.focus()
            entry.cursor_position = mistake.position.column - 1
            raise

    def refuse(self, error: PatchdeckError) -> None:
        """Tells what is wrong; of an expression with its place."""
        position = error.position if isinstance(error, ExpressionMistake) else None
        if position is None:
            self.query_one(ErrorLines).show_error("", None)
            self.tell(Piece(str(error), Tone.BAD))
            return
        self.query_one(".hint", Detail).show(())
        self.query_one(ErrorLines).show_error(str(error), position)

    def _look(self) -> None:
        group = self._written(self.texts())
        if not group.definition:
            self._looking.drop()
            self.query_one(ErrorLines).show_error("", None)
            self.tell(Piece("Who is in it is found whenever it is used. One of the three says who.", Tone.DIM))
            return
        tried = group if _is_name(group.name) else replace(group, name=_UNNAMED)
        home, statuses = self._deck.home, self._statuses
        self._looking.ask(lambda: would_be(home, tried, statuses))

    def _written(self, texts: dict[str, str]) -> Group:
        begun = self._begun
        return replace(
            begun,
            name=texts.get("name", begun.name),
            targets=tuple(texts["targets"].split()),
            expression=texts["where"],
            query=texts["query"],
            description=texts["description"],
            profile=texts["profile"] or None,
        )

    def _show(self, found: WouldBe) -> None:
        self.query_one(ErrorLines).show_error("", None)
        count = members_text(found.known, found.total, found.unknown)
        lines: list[tuple[Piece, ...]] = [(Piece(f"Now {count}.", Tone.STRONG if found.known else Tone.PENDING),)]
        lines += [(Piece(clean(text)),) for text in found.unnamed]
        lines += [(Piece(name), Piece(why, Tone.DIM)) for name, why in found.some]
        more = found.known - len(found.some)
        lines += [(Piece(f"and {more:,} more", Tone.DIM),)] if more > 0 else []
        self.query_one(".hint", Detail).show(lines)


def _is_name(text: str) -> bool:
    try:
        check_group_name(text)
    except BadInput:  # told when it is kept: until then it hides nobody
        return False
    return True


def would_be(home: "Home", group: Group, statuses: "Sequence[MachineStatus]") -> WouldBe:
    """Who would be in ``group`` now; blocking.

    Raises:
        BadInput: it cannot be evaluated.
    """
    from ops.groups import check_definition, open_roster

    check_definition(home, group)
    roster = open_roster(home, tried=group, known=statuses)
    found = roster.find(group.name)
    members = sorted((each.machine for each in statuses if each.machine.id in found.known), key=lambda each: each.name)
    some = [(clean_name(each.name), "; ".join(roster.reasons(group.name, each.id))) for each in members[:_EXPLAINED]]
    _, unnamed = find_machines(group.targets, [each.machine for each in statuses], roster.members)
    return WouldBe(len(found.known), len(found.unknown), len(statuses), tuple(some), unnamed)
