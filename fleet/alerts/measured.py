"""What an evaluation of a rule found: a value for each key, or why it could not be evaluated."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Instance:
    """One measured value.

    Args:
        key: what it is about within the rule; empty for the whole fleet.
        value: None where it is not known, which neither opens nor resolves anything.
        text: what was found, in one line.
        machine: the machine that it is about, by name or id; empty where it is about none.
    """

    key: str
    value: float | None
    text: str
    machine: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one evaluation gave.

    Args:
        instances: by key, each once.
        silent: machines that did not answer when they were last asked, by name and id: that nothing is found on them
            is no news of them.
        problem: why the rule could not be evaluated, in one line; nothing else is known then.
    """

    instances: tuple[Instance, ...] = ()
    silent: frozenset[str] = frozenset()
    problem: str = ""
