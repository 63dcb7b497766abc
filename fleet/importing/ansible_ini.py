"""Ansible inventories in INI, as its plugin ``ini`` reads them."""

import ast
import re
import shlex
from contextlib import suppress

from fleet.errors import BadInput
from fleet.hostile import clean
from fleet.importing.ansible_inventory import ALL, UNGROUPED, Inventory, Value
from fleet.importing.ansible_ranges import expand_names
from fleet.importing.listed import ListBuilder, Place

_SECTION = re.compile(r"\[([^:\]\s]+)(?::(\w+))?\]\s*(?:[#;].*)?")
_KINDS = ("children", "hosts", "vars")


def read_ini(path: str, text: str, inventory: Inventory, builder: ListBuilder) -> None:
    """Add what the inventory ``text`` says. A line that cannot be read is refused, and the others go in.

    Raises:
        BadInput: a section is malformed: all that follows would be in the wrong group.
    """
    _Reader(inventory, builder).read(path, text)


def value_of(text: str) -> str:
    """A value as Ansible takes it: one that is written as a text of Python loses its quotes."""
    if text[:1] in "\"'" and text:
        with suppress(ValueError, SyntaxError, MemoryError):
            parsed = ast.literal_eval(text)
            return parsed if isinstance(parsed, str) else text
    return text


class _Reader:
    """One file: the section that it is in, and the sections of variables that it had."""

    def __init__(self, inventory: Inventory, builder: ListBuilder) -> None:
        self._inventory = inventory
        self._builder = builder
        self._group = UNGROUPED
        self._kind = "hosts"
        self._of_variables: dict[str, Place] = {}
        self._defined: set[str] = {ALL, UNGROUPED}

    def read(self, path: str, text: str) -> None:
        """All lines."""
        for number, raw in enumerate(text.split("\n"), start=1):
            line, place = raw.strip(), Place(path, number)
            if line and not line.startswith(("#", ";")):
                self._read_line(line, place)
        for name, place in self._of_variables.items():
            if name not in self._defined:
                self._builder.note(place, f"variables of the group {clean(name, 60)}, which has no hosts")

    def _read_line(self, line: str, place: Place) -> None:
        if line.startswith("[") and (section := _section(line, place)):
            self._group, self._kind = section
            self._inventory.group(self._group, place)
            if self._kind == "vars":
                self._of_variables.setdefault(self._group, place)
            else:
                self._defined.add(self._group)
        elif self._kind == "children":
            child = _first_word(line)
            self._defined.add(child)
            self._inventory.group(self._group, place).children.setdefault(child, place)
            self._inventory.group(child, place)
        elif self._kind == "vars":
            self._read_variable(line, place)
        else:
            self._read_hosts(line, place)

    def _read_hosts(self, line: str, place: Place) -> None:
        try:
            words = shlex.split(line, comments=True)
            names, port = expand_names(words[0])
            variables = dict(_pair(word, place) for word in words[1:])
        except ValueError as error:  # shlex: a quote that is not closed
            self._builder.refuse(_first_word(line), place, f"the line cannot be read: {str(error).casefold()}")
            return
        except BadInput as error:
            self._builder.refuse(_first_word(line), place, str(error))
            return
        if port is not None:
            variables.setdefault("ansible_port", Value(str(port), place))
        for name in names:
            self._inventory.host(name, place, self._group).variables.update(variables)

    def _read_variable(self, line: str, place: Place) -> None:
        key, equals, text = line.partition("=")
        if not equals:
            self._builder.note(place, f"this is no variable: {clean(line, 80)}")
            return
        variables = self._inventory.group(self._group, place).variables
        variables[key.strip()] = Value(value_of(text.strip()), place)


def _section(line: str, place: Place) -> tuple[str, str] | None:
    """The group and kind of a section; None where the line is a host that begins with a range or an address."""
    match = _SECTION.fullmatch(line)
    if match is None:
        if "]" in line and not re.match(r"\[[^\]]*\]\s*$", line):
            return None
        raise BadInput(f"{place}: the section {clean(line, 60)!r} is malformed: write [group] or [group:children].")
    kind = match[2] or "hosts"
    if match[2] and match[2].isdecimal():
        return None  # a host: [1:3]
    if kind not in _KINDS:
        raise BadInput(f"{place}: the section {clean(line, 60)!r} is of no known kind: hosts, children or vars.")
    return match[1], kind


def _pair(word: str, place: Place) -> tuple[str, Value]:
    key, equals, text = word.partition("=")
    if not equals:
        raise BadInput(f"{clean(word, 60)!r} is expected to be key=value.")
    return key, Value(value_of(text), place)


def _first_word(line: str) -> str:
    return line.split(maxsplit=1)[0]
