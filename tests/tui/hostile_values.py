"""Values of any type of ours, with hostile text wherever text may stand, past every check of theirs."""

import ast
import inspect
import sys
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as day_time
from enum import Enum
from pathlib import Path
from typing import Any  # values of every type

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
# What a text may hold that a terminal, a markup or an eye would take for something else.
PAYLOADS = (
    "[@click=app.boom]x[/] [/] [link=https://example.com]y[/link]",
    "\x1b]0;title\x07 \x1b]52;c;aGk=\x07 \x1b]8;;https://example.com\x1b\\z\x1b]8;;\x1b\\",  # title, clipboard, link
    "\x1b[6n \x05 \x1bP$qm\x1b\\ \x1b[>c \x1bZ",  # what a terminal answers: its answer is typed into the app
    "\x9b31m \x9d0;title\x9c \x90+q544e\x9c",  # the same in C1
    "a\x00b\rc\nd\te\x08f\x0bg\x0ch\x7fi \x0e\x0f",
    "host\u202egnp.exe \u2066i\u2069 \u200f\u061c",  # in another order than it is written
    "zero\u200bwidth\u00adsoft\ufeff\u2060\u3164\U000e0041 line\u2028paragraph\u2029",
    "漢字 \U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1e9\U0001f1ea \u2764\ufe0f \ue0b0 \uff1d1",
    "e\u0301\u0302\u0303 z" + "\u0335" * 200,
    "arr[0] a[b=' \\[x] {{y}} %s $(reboot) `id` ';--\"",
    "=cmd|'/C calc'!A0 ../../etc/passwd",
)
HOSTILE = " ".join(PAYLOADS) + " " + "x" * 900
DEEPEST = 9
PLAIN: dict[object, object] = {
    str: HOSTILE,
    object: HOSTILE,
    Any: HOSTILE,
    bytes: HOSTILE.encode(),
    bool: True,
    int: 3,
    float: 1.5,
    type(None): None,
    datetime: NOW,
    date: NOW.date(),
    day_time: NOW.time(),
    timedelta: timedelta(hours=1),
    Path: Path("/tmp/[@click=app.boom]x[/]\x1b]0;title\x07"),
}


class Maker:
    """Makes values by their types; ``given`` has those that are not made: by type, or by name: ``Class.field``."""

    def __init__(self, given: Mapping[object, object]) -> None:
        self._given = {**PLAIN, **given}

    def call(self, kind: type) -> Any:  # Any: an object of ``kind``
        """An object of a class that is called with arguments, each of them made; those with defaults, too."""
        begin = next(vars(each)["__init__"] for each in kind.__mro__ if "__init__" in vars(each))
        hints = _hints_of(kind, begin)
        taken: dict[str, Any] = {}
        for name, parameter in list(inspect.signature(begin).parameters.items())[1:]:
            if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                taken[name] = self._field(kind, name, hints.get(name, str), 0)
        return kind(**taken)

    def make(self, wanted: Any, depth: int = 0) -> Any:  # Any: a type as `typing` writes it, and a value of it
        """A value of type ``wanted``."""
        if wanted in self._given:
            given = self._given[wanted]
            return given() if isinstance(given, types.FunctionType) else given
        if typing.get_origin(wanted) is not None:
            return self._make_generic(wanted, depth)
        if isinstance(wanted, type) and issubclass(wanted, Enum):
            return next(iter(wanted))
        if isinstance(wanted, type) and is_dataclass(wanted):
            return self._make_record(wanted, depth)
        if isinstance(wanted, type) and issubclass(wanted, tuple) and hasattr(wanted, "_fields"):
            hints = _hints_of(wanted, wanted)
            return wanted(*(self.make(hints[name], depth + 1) for name in wanted._fields))
        raise TypeError(f"no hostile {wanted!r} can be made: give one")

    def _make_generic(self, wanted: Any, depth: int) -> Any:
        origin, arguments = typing.get_origin(wanted), typing.get_args(wanted)
        if origin in (typing.Union, types.UnionType):
            if depth > DEEPEST and type(None) in arguments:
                return None
            return self.make(next(each for each in arguments if each is not type(None)), depth)
        if origin is typing.Literal:
            return arguments[0]
        if origin is typing.Annotated:
            return self.make(arguments[0], depth)
        if origin is Callable:
            return lambda *_, **__: None
        if origin is tuple and Ellipsis not in arguments:
            return tuple(self.make(each, depth + 1) for each in arguments)
        if issubclass(origin, Mapping):
            return {} if depth > DEEPEST else {self.make(arguments[0], depth + 1): self.make(arguments[1], depth + 1)}
        several = () if depth > DEEPEST else (self.make(arguments[0], depth + 1),)
        return origin(several) if origin in (list, set, frozenset) else several

    def _make_record(self, wanted: type, depth: int) -> Any:
        made: Any = object.__new__(wanted)  # past its checks, as a hand in the database would be
        hints = _hints_of(wanted, wanted)
        for each in fields(wanted):
            object.__setattr__(made, each.name, self._field(wanted, each.name, hints[each.name], depth + 1))
        return made

    def _field(self, owner: type, name: str, wanted: Any, depth: int) -> Any:
        key = f"{owner.__name__}.{name}"
        return self._given[key] if key in self._given else self.make(wanted, depth)


def _hints_of(owner: type, of: Any) -> dict[str, Any]:
    module = sys.modules[owner.__module__]
    known = dict(vars(module))
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            exec(compile(ast.Module(node.body, []), module.__name__, "exec"), known)
    return typing.get_type_hints(of, known)
