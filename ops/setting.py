"""One setting as it is declared: what is said of it, the values that it takes, and the check of a value."""

from collections.abc import Callable
from dataclasses import dataclass

from fleet.errors import BadInput

Value = int | float | str | bool | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class About:
    """What is said of a setting beside its type and default: meaning, unit, bounds, the values it may have.

    ``check`` raises BadInput for a text that cannot be used.
    """

    meaning: str
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    check: Callable[[str], object] | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as documented and checked; ``name`` is as in ``assess.concurrency``."""

    name: str
    field_name: str
    kind: type
    default: Value
    about: About

    @property
    def expected(self) -> str:
        """What values it takes, in words."""
        words = {
            int: "a whole number",
            float: "a number",
            str: "a text",
            bool: "true or false",
            tuple: "a list of texts",
        }
        bounds = ((" of at least", self.about.minimum), (" up to", self.about.maximum))
        limits = " and".join(f"{text} {bound:,}" for text, bound in bounds if bound is not None)
        choices = f": {', '.join(self.about.choices)}" if self.about.choices else ""
        return f"{words[self.kind]}{limits}{choices}"


def check_value(setting: Setting, given: object, where: str) -> Value:
    """The value of ``setting`` that a file has; ``where`` is its place there.

    Raises:
        BadInput: it does not fit.
    """
    value = _typed(setting.kind, given)
    if value is None or not _is_within(value, setting.about):
        raise BadInput(f"{where}: {setting.name} = {given!r} does not fit: it takes {setting.expected}.")
    if setting.about.check is not None and isinstance(value, str):
        try:
            setting.about.check(value)
        except BadInput as error:
            raise BadInput(f"{where}: {setting.name} does not fit: {error}") from error
    return value


def _typed(kind: type, given: object) -> Value:
    if kind is float and isinstance(given, int) and not isinstance(given, bool):
        return float(given)
    if kind is tuple and isinstance(given, list) and all(isinstance(item, str) for item in given):
        return tuple(given)
    return given if type(given) is kind else None  # type: ignore[return-value]  # kind is one of Value's


def _is_within(value: Value, about: About) -> bool:
    if isinstance(value, int | float) and not isinstance(value, bool):
        above = about.minimum is None or value >= about.minimum
        return above and (about.maximum is None or value <= about.maximum)
    return not about.choices or value in about.choices
