"""What Group Policy sets, by its own files: those values are put back at its next refresh, whatever stands there.

Source: [MS-GPREG] 2.2.1, the registry policy file; Windows keeps what was applied last in such a file, too.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from fleet.errors import UnreadableOutput
from fleet.update_client.held import Held, HeldKind
from fleet.update_client.values import VALUES

_SIGNATURE = b"PReg\x01\x00\x00\x00"
_MOST_ENTRIES = 20_000
_MOST_NAME = 2_048
_SZ, _EXPAND_SZ, _DWORD = 1, 2, 4
_DELETES_ONE = "**del."
_DELETES_ALL = "**delvals."


@dataclass(frozen=True, slots=True)
class PolicyEntry:
    """That Group Policy sets the setting ``name`` to ``held``, or takes it away (None)."""

    name: str
    held: Held | None


def read_policy_file(content: bytes, source: str) -> tuple[PolicyEntry, ...]:
    """What the file says of the settings of `VALUES`, in its order; an empty file says nothing.

    Raises:
        UnreadableOutput: it is no registry policy file, or is cut off.
    """
    if not content:
        return ()
    if not content.startswith(_SIGNATURE):
        raise UnreadableOutput(source, 1, content[:8].hex())
    names = {(value.key.casefold(), value.registry_name.casefold()): value.name for value in VALUES}
    return tuple(
        PolicyEntry(name, None if value.startswith("**") else _held(kind, data))
        for key, value, kind, data in _entries(content, source)
        for name in _named(key.casefold(), value.casefold(), names)
    )


def _named(key: str, value: str, names: dict[tuple[str, str], str]) -> list[str]:
    if value.startswith(_DELETES_ALL):
        return [name for (of, _), name in names.items() if of == key]
    name = names.get((key, value.removeprefix(_DELETES_ONE)))
    return [name] if name is not None else []


def _entries(content: bytes, source: str) -> Iterator[tuple[str, str, int, bytes]]:
    at = len(_SIGNATURE)
    for number in range(1, _MOST_ENTRIES + 1):
        if at >= len(content):
            return
        try:
            at = _expect(content, at, "[")
            key, at = _text(content, at)
            value, at = _text(content, _expect(content, at, ";"))
            (kind,) = struct.unpack_from("<I", content, at := _expect(content, at, ";"))
            (size,) = struct.unpack_from("<I", content, at := _expect(content, at + 4, ";"))
            at = _expect(content, at + 4, ";")
            data = content[at : at + size]
            at = _expect(content, at + size, "]")
        except (ValueError, struct.error) as error:
            raise UnreadableOutput(source, number, "the entry is cut off or damaged") from error
        yield key, value, kind, data


def _expect(content: bytes, at: int, character: str) -> int:
    if content[at : at + 2] != character.encode("utf-16-le"):
        raise ValueError(f"{character} is missing")
    return at + 2


def _text(content: bytes, at: int) -> tuple[str, int]:
    """A text that ends with a null character, and where the next thing begins."""
    for end in range(at, min(len(content) - 1, at + 2 * _MOST_NAME), 2):
        if content[end : end + 2] == b"\0\0":
            return content[at:end].decode("utf-16-le", "replace"), end + 2
    raise ValueError("a name does not end")


def _held(kind: int, data: bytes) -> Held:
    if kind == _DWORD and len(data) == 4:
        return Held(HeldKind.NUMBER, number=int.from_bytes(data, "little"))
    if kind in (_SZ, _EXPAND_SZ):
        text = data.decode("utf-16-le", "replace").rstrip("\0")
        return Held(HeldKind.TEXT if kind == _SZ else HeldKind.EXPANDED, text=text)
    return Held(HeldKind.OTHER, text=f"type {kind}")
