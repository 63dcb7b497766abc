"""What a definition is made of: keys, and the sections that they stand in."""

from dataclasses import dataclass
from typing import Any

from ops.deployments.definition_values import Kind


@dataclass(frozen=True, slots=True)
class Field:
    """One key: ``attributes`` are the fields that its value fills, in order; ``example`` is as TOML has it."""

    key: str
    attributes: tuple[str, ...]
    kind: Kind
    meaning: str
    example: str


@dataclass(frozen=True, slots=True)
class Section:
    """The keys of one part, which make a ``cls``. ``name`` is where it stands (``updates``), empty for the top.

    ``is_list``: it may stand several times.
    """

    name: str
    attribute: str
    cls: type[Any]  # Any: each section makes something else
    meaning: str
    fields: tuple[Field, ...]
    sections: tuple["Section", ...] = ()
    is_list: bool = False

    @property
    def key(self) -> str:
        """The key under which it stands in the section around it."""
        return self.name.rpartition(".")[2]
