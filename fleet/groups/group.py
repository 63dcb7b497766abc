"""A group of machines as the administrator defines it."""

import re
from dataclasses import dataclass
from enum import StrEnum

from fleet.errors import BadInput

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MOST_MEMBERS = 100_000
_MOST_CHARACTERS = 10_000


class GroupKind(StrEnum):
    """How the members are found; always when the group is used."""

    LIST = "list"
    EXPRESSION = "expression"
    QUERY = "query"


@dataclass(frozen=True, slots=True)
class Group:
    """A group. One of ``targets`` (see `fleet.targets`; groups may be among them), ``expression`` (see
    `fleet.groups.expression`) and ``query`` (the name of a saved query, whose rows name machines by SourceComputerId or
    Computer) says who is in it. ``profile`` is the credential profile of members that name none themselves.
    """

    name: str
    targets: tuple[str, ...] = ()
    expression: str = ""
    query: str = ""
    description: str = ""
    profile: str | None = None

    @property
    def kind(self) -> GroupKind:
        """How its members are found."""
        if self.expression:
            return GroupKind.EXPRESSION
        return GroupKind.QUERY if self.query else GroupKind.LIST

    @property
    def definition(self) -> str:
        """What says who is in it, in one line."""
        return self.expression or (f"rows of query {self.query}" if self.query else " ".join(self.targets))


def check_group_name(text: str) -> str:
    """A group's name: letters, digits, dot, dash and underscore, at most 64.

    Raises:
        BadInput: it is not one.
    """
    if not _NAME.fullmatch(text):
        raise BadInput(
            f"Group name {text!r} is not usable: up to 64 letters, digits, '.', '-' and '_', starting with a letter or "
            "digit."
        )
    return text


def check_group(group: Group) -> Group:
    """``group``, if it may be kept; whether what it refers to is there shows when it is used.

    Raises:
        BadInput: its name, its size, or that nothing or several things say who is in it.
    """
    check_group_name(group.name)
    given = [bool(group.targets), bool(group.expression.strip()), bool(group.query)]
    if sum(given) != 1:
        raise BadInput(f"Group {group.name!r} takes its members from targets, an expression or a query: one of them.")
    if len(group.targets) > _MOST_MEMBERS:
        raise BadInput(
            f"Group {group.name!r} lists {len(group.targets):,} targets, and at most {_MOST_MEMBERS:,} are taken."
        )
    if not all(target.strip() for target in group.targets):
        raise BadInput(f"Group {group.name!r} lists an empty target, which names no machine.")
    _check_text(group, "expression", group.expression)
    _check_text(group, "description", group.description)
    for target in group.targets:
        _check_text(group, "target", target)
    return group


def _check_text(group: Group, what: str, text: str) -> None:
    if len(text) > _MOST_CHARACTERS:
        count = f"{len(text):,} characters, and at most {_MOST_CHARACTERS:,} are taken"
        raise BadInput(f"A{'n' if what == 'expression' else ''} {what} of group {group.name!r} has {count}.")
    for place, character in enumerate(text, start=1):
        if not character.isprintable():
            said = f"character {place} of its {what} is U+{ord(character):04X}, which does not print"
            raise BadInput(f"Group {group.name!r} is not usable: {said}.")
