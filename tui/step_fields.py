"""A field of a form in steps: what text says a value, and what value a text says."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any  # what an option of the command line holds

from fleet.deployments.deployment import Deployment
from fleet.deployments.masks import mask_text
from fleet.deployments.schedule import MissedStart, Schedule
from fleet.deployments.scripts import Script, ScriptFailure, ScriptStage
from fleet.deployments.update_rules import Exclusion
from fleet.errors import BadInput

_YES, _NO = ("yes", "y", "true", "on"), ("no", "n", "false", "off")
_USUAL_TIMEOUT = 300


class FieldMistake(BadInput):
    """What stands in a field cannot be used; ``field`` is its name."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class StepField:
    """A field: its label, a hint, the text that says what a definition has there, and the value of a text for the
    option of the command line that is called ``option``; of a schedule all options are given together.
    """

    name: str
    label: str
    hint: str
    text_of: Callable[[Deployment], str]
    value_of: Callable[[str], Any] = str
    option: str = ""
    is_of_schedule: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the editor: its title, and its fields."""

    title: str
    fields: tuple[StepField, ...]


def words_of(text: str) -> list[str]:
    """The words of ``text``, each once; commas are blanks."""
    return list(dict.fromkeys(text.replace(",", " ").split()))


def parts_of(text: str) -> list[str]:
    """What stands between blanks."""
    return text.split()


def barred_of(text: str) -> list[str]:
    """What stands between bars."""
    return [part.strip() for part in text.split("|") if part.strip()]


def number_of(text: str) -> int:
    """The whole number.

    Raises:
        BadInput: it is none."""
    if not (text.isascii() and text.removeprefix("-").isdecimal() and len(text) <= 7):
        raise BadInput(f"{text[:40]!r} is no whole number.")
    return int(text)


def decimal_of(text: str) -> float:
    """The number; a sign of percent behind it is left out.

    Raises:
        BadInput: it is none."""
    try:
        return float(text.removesuffix("%"))
    except ValueError:
        raise BadInput(f"{text[:40]!r} is no number.") from None


def ports_of(text: str) -> list[int]:
    """The numbers of ports.

    Raises:
        BadInput: one is no number."""
    return [number_of(word) for word in words_of(text)]


def truth_of(text: str) -> bool:
    """Whether ``text`` says yes.

    Raises:
        BadInput: it says neither yes nor no."""
    word = text.casefold()
    if word not in (*_YES, *_NO):
        raise BadInput(f"{text[:40]!r} is neither yes nor no.")
    return word in _YES


def untruth_of(text: str) -> bool:
    """Whether ``text`` says no.

    Raises:
        BadInput: it says neither yes nor no."""
    return not truth_of(text)


def yes_text(value: bool) -> str:
    """``yes`` or ``no``."""
    return "yes" if value else "no"


def plain_text(number: float | None) -> str:
    """The number; nothing for none and 0."""
    return f"{number:g}" if number else ""


def exclusion_text(each: Exclusion) -> str:
    """The exclusion as `read_exclusion` reads it."""
    until = each.until.isoformat() if each.until else ""
    parts = [mask_text(each.mask), each.reason, *([until, each.by] if each.by else [until] if until else [])]
    return "; ".join(parts)


def _script_text(script: Script) -> str:
    words = [script.place.value, shlex.quote(script.path)]
    words += [shlex.quote(f"{name}={value}") for name, value in script.parameters.items()]
    words += ["--timeout", str(script.timeout_seconds)] if script.timeout_seconds != _USUAL_TIMEOUT else []
    words += ["--on-failure", "continue"] if script.on_failure is ScriptFailure.CONTINUE else []
    return " ".join(words)


def scripts_text(stage: ScriptStage) -> Callable[[Deployment], str]:
    """The scripts of a stage as the options of the command line take them, with bars between them."""
    return lambda deployment: " | ".join(_script_text(each) for each in deployment.scripts if each.stage is stage)


def of_schedule(text_of: Callable[[Schedule], str]) -> Callable[[Deployment], str]:
    """A text of the schedule; nothing where there is none."""
    return lambda deployment: text_of(deployment.schedule) if deployment.schedule else ""


def missed_text(schedule: Schedule) -> str:
    """For how many hours a missed start is made up for; nothing where it is skipped."""
    return "" if schedule.missed is MissedStart.SKIP else f"{schedule.missed_within_hours:g}"


def policy_text(deployment: Deployment) -> str:
    """The policy of reboots, spelt as in definitions."""
    policy = deployment.reboot.policy.value
    return "if-required" if policy == "IfRequired" else policy.lower()
