"""Functions of texts."""

from query.kql.bound import Bound
from query.kql.functions.function import Function
from query.kql.signature import Arguments
from query.kql.text_forms import text_of
from query.kql.types import KqlType


def _strcat(arguments: Arguments) -> Bound:
    parts = [text_of(value) for value in arguments.values]
    return Bound(" || ".join(part.operand for part in parts), KqlType.STRING, is_atom=len(parts) == 1)


def _split(arguments: Arguments) -> Bound:
    source, delimiter = arguments[0], arguments[1]
    parts = f"string_split({source.sql}, {delimiter.sql})"
    if delimiter.literal == "":
        parts = f"[{source.sql}]"
    if len(arguments) < 3:
        return Bound(f"to_json({parts})", KqlType.DYNAMIC)
    # One part comes as an array of one, or of none where there is no such part.
    index = arguments[2]
    if index.is_literal and isinstance(index.literal, int):
        place = str(index.literal + 1) if index.literal >= 0 else str(index.literal)
        return Bound(f"to_json({parts}[{place}:{place}])", KqlType.DYNAMIC)
    return Bound(f"kql_part({parts}, {index.sql})", KqlType.DYNAMIC)


TEXTS = (
    Function("strcat(value: text, more: text...): string", "The texts of its arguments, one after the other.", _strcat),
    Function(
        "split(source: string, delimiter: string, [index: whole]): dynamic",
        "The parts of a text between delimiters; with an index an array of that part alone.",
        _split,
        keeps_name=True,
    ),
)
