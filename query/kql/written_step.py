"""One step of the SQL: its name, its lines, and which of its columns may be left out where no later step names them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

# Lines of SQL; a text with a line break in it stays within one, so that indenting never changes it.
Lines = list[str]

_QUOTED = re.compile(r'"(?:[^"]|"")*"')


@dataclass(frozen=True, slots=True)
class WrittenStep:
    """A common table expression.

    Attributes:
        name: what later steps read it by.
        body: the lines of its SELECT.
        spare: items of the SELECT that no clause of it counts on, each with the quoted name of its column.
    """

    name: str
    body: Lines
    spare: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The step as WITH has it."""
        return f"{self.name} AS (\n" + "\n".join(f"  {line}" for line in self.body) + "\n)"

    def without(self, used: set[str]) -> "WrittenStep":
        """The step without the spare columns that ``used``, the names in all later steps, does not have."""
        idle = {one for one, name in self.spare.items() if name not in used}
        if not idle:
            return self
        end = next(index for index, line in enumerate(self.body) if line.startswith("FROM "))
        listed = [line.strip().removesuffix(",") for line in self.body[1:end]]
        kept = [one for one in listed if one not in idle] or listed[:1]
        items = [f"  {one}," for one in kept[:-1]] + [f"  {kept[-1]}"]
        return WrittenStep(self.name, ["SELECT", *items, *self.body[end:]])


def names_in(lines: Lines) -> set[str]:
    """Every quoted name in ``lines``; what stands in a text counts too, and does no harm."""
    return {name for line in lines for name in _QUOTED.findall(line)}


def pruned(steps: list[WrittenStep], last: Lines) -> list[WrittenStep]:
    """``steps`` without columns that neither a later one nor ``last``, the final SELECT, names.

    A star hands on what there is, so that a column which nobody names is not missed.
    """
    used, kept = names_in(last), []
    for step in reversed(steps):
        kept.append(step.without(used))
        used |= names_in(kept[-1].body)
    return kept[::-1]
