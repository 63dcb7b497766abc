"""Frozen dataclasses as JSON text and back: what state.db and the journal of batches hold of a machine's answer.

A field that holds its default is left out; one that is missing gets it; one that is no longer known is ignored. So a
field can be added to a dataclass with a default, or taken away, without a migration.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from types import MappingProxyType, NoneType
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from fleet.errors import HomeUnusable
from fleet.shared_values import SharedValues

# Any: a JSON value on one side, a field's value on the other; the declared types decide once, when a codec is built.
_Convert = Callable[[Any], Any]
_T = TypeVar("_T")

# json.dumps makes an encoder for every call that says how it wants its separators.
_encode = json.JSONEncoder(separators=(",", ":")).encode


class Codec(Generic[_T]):
    """Writes and reads dataclasses of one type. Building one takes a moment, using it does not.

    Args:
        cls: a dataclass of texts, numbers, booleans, times, enums, tuples, mappings and other such dataclasses.
        shares: whether equal texts and mappings are one object, as far as they are common to the values that are read.

    Raises:
        TypeError: a field's type is none of these.
    """

    def __init__(self, cls: type[_T], *, shares: bool = False) -> None:
        self._to_plain, self._from_plain = _convert_dataclass(cls, SharedValues().share if shares else None)

    def dump(self, value: _T) -> str:
        """``value`` as JSON on one line."""
        return _encode(self._to_plain(value))

    def load(self, text: str | bytes) -> _T:
        """The value that `dump` wrote.

        Raises:
            ValueError: the text is not JSON.
            KeyError: an enum's value is not known.
            TypeError: a field without a default is missing.
        """
        return self.read(json.loads(text))

    def read(self, plain: object) -> _T:
        """The value of which `dump` made ``plain``, once it is no text any more; ``plain`` is used up.

        Raises:
            KeyError, TypeError: as `load`.
        """
        value: _T = self._from_plain(plain)
        return value


def load_stored(codec: Codec[_T], document: str) -> _T:
    """The value of a document of state.db.

    Raises:
        HomeUnusable: it is damaged, or holds what only a newer Patchdeck knows.
    """
    try:
        return codec.load(document)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise HomeUnusable(
            f"state.db holds {document[:60]!r}, which cannot be read ({type(error).__name__}: {error}): "
            "use the Patchdeck that wrote it, or put back a copy of state.db."
        ) from error


def _convert(hint: Any, share: _Convert | None) -> tuple[_Convert | None, _Convert | None]:
    """How a value of the declared type is written and read; None where it stays as it is."""
    if hint is str:
        return None, share
    if hint in (int, float, bool):
        return None, None
    if hint in (datetime, date):
        return hint.isoformat, hint.fromisoformat
    if isinstance(hint, type) and issubclass(hint, Enum):
        # Members of StrEnum are written as their values. Looked up in a dict: calling the enum takes ten times as long.
        return None, {member.value: member for member in hint}.__getitem__
    if is_dataclass(hint):
        return _convert_dataclass(hint, share)
    return _convert_generic(hint, share)


def _convert_generic(hint: Any, share: _Convert | None) -> tuple[_Convert | None, _Convert | None]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple and arguments[-1] is Ellipsis:
        write, read = _convert(arguments[0], share)
        return _each(list, write), _each(tuple, read)
    if origin is tuple and all(argument in (str, int, float, bool) for argument in arguments):  # a pair, for example
        return list, tuple
    if origin is Mapping or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return _convert_mapping(arguments[0], share)
    if NoneType in arguments and len(arguments) == 2:
        write, read = _convert(next(each for each in arguments if each is not NoneType), share)
        return _unless_none(write), _unless_none(read)
    raise TypeError(f"Fields of type {hint} cannot be stored.")


def _each(collection: type, convert: _Convert | None) -> _Convert:
    if convert is None:
        return collection
    return lambda values: collection(map(convert, values))


def _unless_none(convert: _Convert | None) -> _Convert | None:
    if convert is None:
        return None
    return lambda value: None if value is None else convert(value)


def _convert_mapping(key: Any, share: _Convert | None) -> tuple[_Convert, _Convert]:
    """Mappings to text: an object, or where the keys are pairs three lists: first halves, second halves, values.

    Thousands of machines with thousands of packages each take half the time as lists.
    """
    if get_origin(key) is tuple:
        return (
            lambda mapping: [*(zip(*mapping.keys(), strict=True) if mapping else ((), ())), [*mapping.values()]],
            lambda lists: MappingProxyType(dict(zip(zip(lists[0], lists[1], strict=True), lists[2], strict=True))),
        )
    return dict, MappingProxyType if share is None else _shared_mapping()


def _shared_mapping() -> _Convert:
    share = SharedValues().share

    def read(plain: dict[str, Any]) -> Mapping[str, Any]:
        return share(MappingProxyType(plain), tuple(plain.items()))

    return read


def _convert_dataclass(cls: Any, share: _Convert | None) -> tuple[_Convert, _Convert]:
    hints = get_type_hints(cls)
    converts = {field.name: _convert(hints[field.name], share) for field in fields(cls)}
    writers = [(field.name, converts[field.name][0], field.default) for field in fields(cls)]
    known = converts.keys()
    readers = [(name, read) for name, (_, read) in converts.items() if read is not None]

    def write(value: Any) -> dict[str, Any]:
        plain = {}
        for name, convert, default in writers:
            held = getattr(value, name)
            if held is not default and (default is MISSING or held != default):
                plain[name] = held if convert is None else convert(held)
        return plain

    def read(plain: dict[str, Any]) -> Any:
        for name, convert in readers:
            if name in plain:
                plain[name] = convert(plain[name])
        if plain.keys() <= known:
            return cls(**plain)
        return cls(**{name: value for name, value in plain.items() if name in known})

    return write, read
