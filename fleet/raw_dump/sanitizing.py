"""A raw dump without what tells whose it is: every text in it replaced, and what holds secrets by its name dropped."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any  # Any: JSON of a machine, of any shape

from fleet.hostile import scrub
from fleet.raw_dump.contexts import names_told
from fleet.raw_dump.pseudonyms import TOP_LABELS, NameKind, Pseudonyms

# What these keys hold is somebody's, whatever it looks like; numbers and switches stay.
_OF_KEYS: tuple[tuple[re.Pattern[str], NameKind], ...] = (
    (
        re.compile(
            r"(?i)^(?:(?:win_?http_?)?proxy(?:_?server|_?name)?|computer_?name|host_?name|name_of_machine|fqdn|dns_?host_?name|csname|pscomputername)$"
        ),
        NameKind.HOST,
    ),
    (re.compile(r"(?i)^(?:domain|user_?domain|dns_?domain|workgroup|forest|domain_?name)$"), NameKind.DOMAIN),
    (
        re.compile(
            r"(?i)(?:^|_|(?-i:(?<=[a-z])(?=[A-Z]))|registered|default|primary|last_?logged_?on_?)"
            r"(?:user|user_?name|users|owner|owner_?name|logon|login|sam_?user|display_?name)s?$"
        ),
        NameKind.USER,
    ),
    (re.compile(r"(?i)^(?:target_?group|wsus_?group)$"), NameKind.GROUP),
    (re.compile(r"(?i)(?:organi[sz]ation|company|tenant)"), NameKind.ORGANISATION),
    (
        re.compile(
            r"(?i)(?:serial|machine_?guid|system_?uuid|product_?id|sus_?client|device_?id|hardware_?id|asset|ssid|ping_?id)"
        ),
        NameKind.SERIAL,
    ),
)
_DROPPED = re.compile(
    r"(?i)(?:password|passphrase|secret|token|private_?key|credential|product_?key|digital|legal_?notice)"
)
_BASE64 = re.compile(r"[A-Za-z0-9+/\r\n]{64,}={0,2}")
_MOST_DEPTH = 40
# Shorter labels of a domain are words of their own, as in "corp.example.com".
_LEAST_LABEL = 4
# No text of Windows is longer; a machine that says otherwise would keep us busy for hours.
_MOST_CHARACTERS = 10_000
DECODED = "decoded_json"


def sanitized(raw: Any, names: Mapping[NameKind, list[str]]) -> Any:
    """``raw``, JSON of any shape, without names; ``names`` are those that are known beforehand.

    Texts in base64 that hold JSON become ``{"decoded_json": …}``, which `encode_again` undoes; others are dropped.
    """
    opened = _opened(raw, 0)
    pseudonyms = Pseudonyms()
    for kind, known in names.items():
        for name in known:
            pseudonyms.learn(kind, _parts(kind, name))
    for kind, name in _names_in(opened):
        pseudonyms.learn(kind, [name])
    for text in _texts_in(opened):
        for kind, name in names_told(text[:_MOST_CHARACTERS]):
            pseudonyms.learn(kind, [name])
    return _replaced(opened, pseudonyms)


def encode_again(value: Any) -> Any:
    """``value`` with JSON in base64 where it stood, as the machine said it."""
    if isinstance(value, dict):
        if value.keys() == {DECODED}:
            return base64.b64encode(json.dumps(encode_again(value[DECODED])).encode()).decode("ascii")
        return {key: encode_again(each) for key, each in value.items()}
    return [encode_again(each) for each in value] if isinstance(value, list) else value


def _opened(value: Any, depth: int) -> Any:
    """``value`` with what is in base64 made readable, so that nothing hides in it."""
    if depth > _MOST_DEPTH:
        return "(too deep)"
    if isinstance(value, dict):
        of = str(value.get("name", "")) if "held" in value else ""
        return {
            str(key): _dropped(of if key == "held" and of else str(key), _opened(each, depth + 1))
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_opened(each, depth + 1) for each in value]
    return _decoded(value, depth) if isinstance(value, str) else value


def _dropped(key: str, value: Any) -> Any:
    is_secret = bool(_DROPPED.search(key)) and isinstance(value, str | list | dict) and bool(value)
    return "(dropped)" if is_secret else value


def _decoded(text: str, depth: int) -> Any:
    if not _BASE64.fullmatch(text):
        return text
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return text
    try:
        return {DECODED: _opened(json.loads(content), depth + 1)}
    except (ValueError, RecursionError):
        return f"({len(content)} bytes in base64 were here)" if not text.isalnum() or len(text) > 64 else text


def _names_in(value: Any) -> Iterator[tuple[NameKind, str]]:
    if isinstance(value, dict):
        for key, each in _named_values(value):
            kind = next((kind for pattern, kind in _OF_KEYS if pattern.search(key)), None)
            if kind is not None:
                yield from ((kind, part) for text in _texts(each) for part in _parts(kind, text))
            yield from _names_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from _names_in(each)


def _named_values(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The members of an object; what a value of the registry holds is under the name of that value, too."""
    yield from value.items()
    name, held = value.get("name"), value.get("held")
    if isinstance(name, str) and isinstance(held, dict):
        yield name, held.get("text")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from _texts_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts_in(each)
    elif isinstance(value, str):
        yield value


def _parts(kind: NameKind, text: str) -> Iterator[str]:
    """A name and what it is made of: DOMAIN\\user, user@domain, host.domain."""
    yield text
    if kind is NameKind.USER:
        yield from (part for part in re.split(r"[\\@]", text) if part != text)
    elif kind in (NameKind.HOST, NameKind.DOMAIN) and "." in text:
        first, *labels = text.split(".")
        yield first
        yield from (label for label in labels if len(label) >= _LEAST_LABEL and label.casefold() not in TOP_LABELS)


def _replaced(value: Any, pseudonyms: Pseudonyms) -> Any:
    if isinstance(value, dict):
        return {pseudonyms.replace(key[:_MOST_CHARACTERS]): _replaced(each, pseudonyms) for key, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each, pseudonyms) for each in value]
    # Steering characters are kept out of the file; what stood there is seen.
    return scrub(pseudonyms.replace(value[:_MOST_CHARACTERS])) if isinstance(value, str) else value
