"""What verbs are given, read without pydantic where it is as simple as it mostly is.

Typer makes an adapter of pydantic for each value, given or not; the import alone is a fifth of a short verb's time.
"""

from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import typer

from ops.cli.groups import HELP_OPTIONS

# Typer's, which it does not export; only members that click has had for long are used here.
_Command = Any
_Parameter = Any
_Context = Any

_MOST_DIGITS = 9


def read_plainly(command: _Command) -> None:
    """Let the parameters of ``command`` and of all verbs below it take plain values as they are.

    What is not plainly a value of its type goes typer's way, which knows what is wrong with it.
    """
    for parameter in _parameters(command):
        parameter.process_value = _plain_reader(parameter, parameter.process_value)


def _parameters(command: _Command) -> Iterator[_Parameter]:
    yield from command.params
    # It is made when it is first asked for, and kept.
    yield command.get_help_option(typer.Context(command, help_option_names=[*HELP_OPTIONS]))
    for child in getattr(command, "commands", {}).values():
        yield from _parameters(child)


def _plain_reader(parameter: _Parameter, by_typer: Callable[[_Context, Any], Any]) -> Callable[[_Context, Any], Any]:
    def process_value(context: _Context, value: Any) -> Any:
        is_absent = value is None and not parameter.required
        plain = _nothing(parameter) if is_absent else plain_value(parameter, value)
        if plain is None and not is_absent:
            return by_typer(context, value)
        return plain if parameter.callback is None else parameter.callback(context, parameter, plain)

    return process_value


def _nothing(parameter: _Parameter) -> object | None:
    return () if parameter.multiple or parameter.nargs == -1 else None


def plain_value(parameter: _Parameter, value: object) -> object | None:
    """``value`` as ``parameter`` takes it; None where that takes more than a look."""
    declared = parameter.type_descriptor
    if declared.annotation == list[str]:
        are_texts = isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
        return list(value) if value and are_texts else None  # type: ignore[call-overload]  # it is a list of texts
    if not isinstance(value, str) or declared.parameter_info.parser is not None:
        return None
    return _of_text(declared.annotation, declared.parameter_info, value)


def _of_text(kind: Any, declared: Any, text: str) -> object | None:
    if kind is str:
        return text
    if kind is int and text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS:
        number = int(text)
        return number if (declared.min or 0) <= number <= (number if declared.max is None else declared.max) else None
    if kind is Path and not (declared.exists or declared.readable or declared.writable or declared.resolve_path):
        return Path(text)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next((one for one in kind if one.value == text), None)
    return None
