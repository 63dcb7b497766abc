"""What may stand next in a command line: verbs, options, their choices, and names of what there is."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, get_args

import typer.main

from ops.cli.app import build_app
from ops.completion.closed_sets import closed_set
from ops.completion.kinds import Kind, kind_of
from ops.completion.names import list_names
from ops.completion.offer import Offer, Offers

_HELP = "-h", "--help"


@dataclass(slots=True)
class _Place:
    """Where the cursor stands. ``waiting`` is the option whose value comes next, ``given`` are the arguments before."""

    command: Any  # typer names no public type for a built command
    verb: str = ""
    home: Path | None = None
    waiting: Any = None
    given: list[str] = field(default_factory=list)
    only_arguments: bool = False


def complete(words: Sequence[str]) -> Offers:
    """What may complete the last of ``words``; the first one is the one behind `patchdeck`."""
    *before, begun = words
    place = _Place(typer.main.get_command(build_app(before)))
    for word in before:
        _pass(place, word)
    name, equals, value = begun.partition("=")
    if equals and name.startswith("--") and (option := _option(place.command, name)) is not None:
        offers = _values(place, option, value)
        return Offers([Offer(f"{name}={each.value}", each.meaning) for each in offers.words], offers.are_files)
    if place.waiting is not None:
        return _values(place, place.waiting, begun)
    if begun.startswith("-") and not place.only_arguments:
        return _beginning(begun, _options(place.command))
    if commands := getattr(place.command, "commands", {}):
        listed = (Offer(name, each.get_short_help_str(100)) for name, each in commands.items() if not each.hidden)
        return _beginning(begun, listed)
    argument = _argument(place)
    return _values(place, argument, begun) if argument is not None else Offers()


def _pass(place: _Place, word: str) -> None:
    if place.waiting is not None:
        if place.waiting.name == "home":
            place.home = Path(os.path.expanduser(word))  # noqa: PTH111  # `~` is the shell's, and not yet replaced
        place.waiting = None
    elif word == "--":
        place.only_arguments = True
    elif word.startswith("-") and not place.only_arguments:
        option = _option(place.command, word.partition("=")[0])
        if option is not None and "=" not in word and not option.is_flag:
            place.waiting = option
    elif word in (commands := getattr(place.command, "commands", {})):
        place.command, place.given = commands[word], []
        place.verb = f"{place.verb} {word}".strip()
    else:
        place.given.append(word)


def _option(command: Any, name: str) -> Any:
    return next((each for each in command.params if name in (*each.opts, *each.secondary_opts)), None)


def _options(command: Any) -> Iterator[Offer]:
    for each in command.params:
        if each.param_type_name == "option" and not each.hidden:
            yield from (Offer(name, each.help or "") for name in (*each.opts, *each.secondary_opts) if name[:2] == "--")
    yield Offer(_HELP[1], "Show the help.")


def _argument(place: _Place) -> Any:
    arguments = [each for each in place.command.params if each.param_type_name == "argument"]
    if len(place.given) < len(arguments):
        return arguments[len(place.given)]
    return arguments[-1] if arguments and arguments[-1].nargs == -1 else None


def _values(place: _Place, parameter: Any, begun: str) -> Offers:
    choices = _choices(parameter.type_descriptor.annotation) or closed_set(place.verb, parameter.name)
    if choices:
        return _beginning(begun, map(Offer, choices))
    kind = kind_of(place.verb, parameter.name)
    if kind is Kind.FILE or (kind is None and _types(parameter.type_descriptor.annotation) & {Path}):
        return Offers(are_files=True)
    if kind is Kind.UPDATE and place.given:  # `patchdeck why web-01`: what that machine misses
        return _beginning(begun, list_names(kind, place.home, of_machine=place.given[0]))
    return _beginning(begun, list_names(kind, place.home)) if kind is not None else Offers()


def _choices(annotation: Any) -> Sequence[str]:
    kinds = [kind for kind in _types(annotation) if isinstance(kind, type) and issubclass(kind, Enum)]
    return [str(each.value) for kind in kinds for each in kind]


def _types(annotation: Any) -> set[Any]:
    inner = get_args(annotation)
    return {each for part in inner for each in _types(part)} if inner else {annotation}


def _beginning(begun: str, offers: Iterator[Offer] | Sequence[Offer]) -> Offers:
    """Those that begin as what is typed, whatever the case; nothing that a terminal would not print as it is."""
    folded = begun.casefold()
    return Offers([each for each in offers if each.value.casefold().startswith(folded) and each.value.isprintable()])
