"""What a function takes and gives, read from its signature as users see it."""

import re
from dataclasses import dataclass
from functools import cache

from query.kql.bound import Bound
from query.kql.coercion import as_number, convert
from query.kql.errors import KqlProblem
from query.kql.text_forms import text_of
from query.kql.tree import Expression, Span
from query.kql.types import KqlType

_SIGNATURE = re.compile(r"(?P<name>\w+)\((?P<parameters>.*)\)(?:: (?P<result>\w+))?")
_PARAMETER = re.compile(r"(?P<open>\[?)(?P<name>\w+): (?P<kinds>[\w|]+)(?P<more>(?:\.\.\.)?)\]?")
_TYPES = {type_.value: type_ for type_ in KqlType}
_WHOLE = (KqlType.INT, KqlType.LONG)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter.

    Attributes:
        kinds: types of KQL, or ``condition`` (a bool whose null means false), ``whole``, ``number``, ``text`` (any
            type, as its text), ``any`` and ``column`` (a value or ``*``).
    """

    name: str
    kinds: tuple[str, ...]
    is_optional: bool
    is_repeated: bool

    @property
    def is_condition(self) -> bool:
        """Whether a null is as good as false here."""
        return self.kinds == ("condition",)


@dataclass(frozen=True, slots=True)
class Signature:
    """The name, the parameters and the type of what is given, None where it depends on the arguments."""

    text: str
    name: str
    parameters: tuple[Parameter, ...]
    result: KqlType | None

    def parameter(self, index: int) -> Parameter:
        """The parameter that argument ``index`` is for; the last again where it may be repeated."""
        return self.parameters[min(index, len(self.parameters) - 1)]

    def check_count(self, count: int, span: Span) -> None:
        """Refuse too few or too many arguments.

        Raises:
            KqlProblem: with the signature.
        """
        least = sum(not parameter.is_optional for parameter in self.parameters)
        repeats = bool(self.parameters) and self.parameters[-1].is_repeated
        most = None if repeats else len(self.parameters)
        if count >= least and (most is None or count <= most):
            return
        expected = f"{least} or more" if most is None else f"{least}" if least == most else f"{least} to {most}"
        noun = "argument" if expected == "1" else "arguments"
        raise KqlProblem(f"{self.text} takes {expected} {noun}, not {count}.", span)

    def fit(self, index: int, value: Bound, span: Span) -> Bound:
        """Argument ``index`` as its parameter wants it.

        Raises:
            KqlProblem: it is of another type, and KQL does not convert it.
        """
        parameter = self.parameter(index)
        if value.type.value in parameter.kinds:
            return value
        for kind in parameter.kinds:
            fitted = _fit(kind, value)
            if fitted is not None:
                return fitted
        wanted = " or ".join(parameter.kinds).replace("condition", "bool").replace("whole", "int or long")
        raise KqlProblem(f"{self.text}: {parameter.name!r} is a {wanted}, not a {value.type.value}.", span)


@cache
def read_signature(text: str) -> Signature:
    """A signature from its text: ``substring(source: string, start: whole, [length: whole]): string``."""
    match = _SIGNATURE.fullmatch(text)
    if match is None:
        raise ValueError(f"no signature: {text}")
    found = _PARAMETER.finditer(match["parameters"])
    parameters = tuple(
        Parameter(one["name"], tuple(one["kinds"].split("|")), bool(one["open"]), bool(one["more"])) for one in found
    )
    return Signature(text, match["name"], parameters, _TYPES.get(match["result"] or ""))


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of one call, fitted to its signature."""

    signature: Signature
    values: tuple[Bound, ...]
    expressions: tuple[Expression, ...]
    span: Span

    def __getitem__(self, index: int) -> Bound:
        return self.values[index]

    def __len__(self) -> int:
        return len(self.values)

    def span_of(self, index: int) -> Span:
        """Where argument ``index`` stands."""
        return self.expressions[index].span

    def get(self, index: int, default: Bound) -> Bound:
        """Argument ``index``, or ``default`` where it is not given."""
        return self.values[index] if index < len(self.values) else default

    def text(self, index: int) -> str:
        """Argument ``index``, a text that must be written out.

        Raises:
            KqlProblem: it is computed.
        """
        literal = self.values[index].literal
        if isinstance(literal, str):
            return literal
        name = self.signature.parameter(index).name
        raise KqlProblem(f"{self.signature.text}: {name!r} must be written out, in quotes.", self.span_of(index))

    def problem(self, index: int, message: str) -> KqlProblem:
        """What is wrong with argument ``index``."""
        return KqlProblem(f"{self.signature.name}(): {message}", self.span_of(index))


def _fit(kind: str, value: Bound) -> Bound | None:
    match kind:
        case "any" | "column":
            return value
        case "text":
            return text_of(value)
        case "number":
            return as_number(value) if value.type.is_number or value.type is KqlType.DYNAMIC else None
        case "whole":
            return value if value.type in _WHOLE else _from_dynamic(value, KqlType.LONG)
        case "condition":
            return value if value.type is KqlType.BOOL else _from_dynamic(value, KqlType.BOOL)
    return _as_type(value, _TYPES[kind])


def _as_type(value: Bound, type_: KqlType) -> Bound | None:
    """The conversions that KQL makes of its own."""
    if type_ is KqlType.STRING and value.type is KqlType.GUID:
        return text_of(value)
    if type_ is KqlType.REAL and value.type.is_number:
        return convert(value, type_)
    return value if value.type is type_ else _from_dynamic(value, type_)


def _from_dynamic(value: Bound, type_: KqlType) -> Bound | None:
    return convert(value, type_) if value.type is KqlType.DYNAMIC else None
