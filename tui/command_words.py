"""The words that tab completes after ``:``: names of what there is, read when they are first wanted; what was typed."""

import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fleet.errors import PatchdeckError
from ops.acting_login import acting_login
from ops.logs import log_error
from tui.background import in_thread
from tui.completing import Offers, Vocabulary, offers_of
from tui.presence import is_up
from tui.widgets.prompt import Prompt

if TYPE_CHECKING:
    from ops.home import Home
    from tui.app import PatchdeckApp

_MOST_RUNS = 200
_MACHINES = ("machines", "machine", "known", "edit", "commands")
# Those that take several words, of which the last is completed.
_LISTS = frozenset({"assess", "why"})
_TIMES = frozenset({"asof", "now", "diff"})
# Commands whose words are read of the tables or of many files: only once they are wanted. What reads which.
_SOUGHT = {
    "about": "updates",
    "why": "updates",
    "missing": "updates",
    "cve": "cves",
    "queries": "queries",
    "settings": "settings",
}
_MOMENTS = ("yesterday", "yesterday 18:00", "1 hour ago", "3 days ago", "1 week ago", "30 days ago")


class CommandWords:
    """What completes commands in the app of ``deck``, and the history of its prompts."""

    def __init__(self, deck: "PatchdeckApp") -> None:
        self._deck = deck
        self._read: dict[str, Sequence[str]] = {}
        self._found: dict[str, Mapping[str, str]] = {}
        self._sought: set[str] = set()
        self._history: dict[str, list[str]] = {":": [], "/": []}
        self._is_history_read = False

    def look(self) -> None:
        """Reads, in a thread, the names that may follow commands; those of the last time hold until they are there."""
        home = self._deck.home
        self._sought.clear()
        in_thread(self._deck, partial(_read_names, home), self._take, _keep_silent, what="reading names")
        self.read_history()

    def read_history(self) -> None:
        """Reads what this user typed in earlier sessions, once."""
        if self._is_history_read:
            return
        self._is_history_read = True
        from ops.typed_lines import TypedLine, list_typed_lines

        def take(lines: tuple[TypedLine, ...]) -> None:
            for sign, typed in self._history.items():
                typed[:0] = [line.text for line in lines if line.sign == sign]

        home = self._deck.home
        in_thread(self._deck, lambda: list_typed_lines(home), take, _keep_silent, what="reading what was typed")

    def history(self, sign: str) -> list[str]:
        """What was typed behind ``sign``, the newest last; the same list, which grows."""
        return self._history[sign]

    def remember(self, sign: str, text: str) -> None:
        """Keeps what was typed, for this session and those to come."""
        from ops.typed_lines import TypedLine, is_kept, remember_line

        line = TypedLine(sign, text.strip())
        if not is_kept(line):
            return
        typed = self._history[sign]
        if line.text in typed:
            typed.remove(line.text)
        typed.append(line.text)
        home = self._deck.home

        def keep() -> None:
            try:
                remember_line(home, line)
            except OSError as error:  # a full disk: the session goes on with what it knows
                log_error("what was typed is not kept", error)

        in_thread(self._deck, keep, lambda _: None, _keep_silent, what="keeping what was typed")

    def complete(self, text: str) -> Offers:
        """What may complete ``text`` after ``:``."""
        name, space, argument = text.partition(" ")
        command = _command_called(name) if space else ""
        if command == "import":
            return _files(text, argument, len(name) + 1)
        if command in _SOUGHT:
            self._seek(_SOUGHT[command], text)
        return self._vocabulary(name, command).offers(text)

    def _seek(self, what: str, text: str) -> None:
        """Reads ``what``, in a thread, once for each prompt that is opened; then offers it for ``text``."""
        if what in self._sought:
            return
        self._sought.add(what)
        home = self._deck.home

        def take(found: Mapping[str, str]) -> None:
            is_new = found != self._found.get(what)
            self._found[what] = found
            screen = self._deck.screen
            if is_new and is_up(screen):
                for prompt in screen.query(Prompt):
                    prompt.offer_again(text)

        in_thread(self._deck, partial(_find, what, home), take, _keep_silent, what=f"reading names of {what}")

    def _vocabulary(self, name: str, command: str) -> Vocabulary:
        """The names of commands, and the words that may follow ``name``, by which ``command`` is called."""
        from tui.commands import COMMANDS

        aliases = self._deck.keymap.own.aliases
        commands = {each.name: each.meaning for each in COMMANDS}
        commands |= {other: each.meaning for each in COMMANDS for other in each.names[1:]}
        lists = frozenset({name.lower()} if command in _LISTS else ())
        return Vocabulary({**aliases, **commands}, {name.lower(): self._words_of(command)}, lists)

    def _words_of(self, command: str) -> Sequence[str] | Mapping[str, str]:
        if command in _MACHINES:
            return self._machines()
        if command == "assess":
            return self._targets()
        if command == "theme":
            return sorted(self._deck.available_themes)
        if command == "why":
            return {**dict.fromkeys(self._machines(), "machine"), **self._found.get("updates", {})}
        if command in _SOUGHT:
            return self._found.get(_SOUGHT[command], {})
        return _MOMENTS if command in _TIMES else self._read.get(command, ())

    def _machines(self) -> list[str]:
        return sorted((status.machine.name for status in self._deck.fleet.statuses), key=str.casefold)

    def _targets(self) -> list[str]:
        statuses = self._deck.fleet.statuses
        tags = sorted({f"tag:{key}={value}" for status in statuses for key, value in status.machine.tags.items()})
        groups = [f"group:{name}" for name in self._read.get("group", ())]
        return ["all", *groups, *tags, "os:linux", "os:windows", *self._machines()]

    def _take(self, read: dict[str, Sequence[str]]) -> None:
        self._read = read


def _read_names(home: "Home") -> dict[str, Sequence[str]]:
    """By the first name of a command: the names that may follow it. Blocking."""
    from ops.deployments.definitions import list_deployments
    from ops.deployments.history import list_runs
    from ops.groups import list_groups

    groups = [group.name for group in list_groups(home)]
    deployments = [stored.deployment.name for stored in list_deployments(home)]
    runs = [summary.run.id for summary in list_runs(home, limit=_MOST_RUNS)]
    return {
        "group": groups,
        "groups": groups,
        "deployments": deployments,
        "run": deployments,
        "preview": deployments,
        "runs": deployments,
        "watch": [*deployments, *runs],
    }


def _find(what: str, home: "Home") -> Mapping[str, str]:
    """The names of ``what`` with what each is; by the functions that complete the command line. Blocking."""
    if what == "cves":
        from ops.missing_names import list_lacked_cves

        return dict.fromkeys(list_lacked_cves(home), "")
    from ops.completion.kinds import Kind
    from ops.completion.names import list_names

    kinds = {"updates": Kind.UPDATE, "queries": Kind.QUERY, "settings": Kind.SETTING}
    return {offer.value: offer.meaning for offer in list_names(kinds[what], home.path)}


def _command_called(name: str) -> str:
    """The first name of the command that ``name`` means, empty where none is."""
    from tui.commands import find_command

    try:
        return find_command(name.lower()).name
    except PatchdeckError:
        return ""


def _files(text: str, typed: str, start: int) -> Offers:
    """The files and folders that the path ``typed`` may mean; as a shell completes, without reading any.

    None in a session over SSH, which has no files.
    """
    if acting_login() is not None:
        return Offers()
    folder, _, begun = typed.rpartition("/")
    where = Path(os.path.expanduser(f"{folder}/" if folder or typed.startswith("/") else "."))  # noqa: PTH111  # ~ alone
    try:
        with os.scandir(where) as entries:
            names = sorted(
                f"{entry.name}/" if entry.is_dir() else entry.name
                for entry in entries
                if begun.startswith(".") or not entry.name.startswith(".")
            )
    except OSError:
        return Offers()
    return offers_of(text, start + len(typed) - len(begun), names)


def _keep_silent(error: PatchdeckError) -> None:
    """Names that cannot be read are not completed: what is wrong with the home is told elsewhere."""
