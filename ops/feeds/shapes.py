"""Values of a feed's JSON, taken as what the format says they are: a feed that is not so shaped is refused."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import TypeGuard

from fleet.errors import FeedUnusable
from fleet.hostile import clean

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]
Object = Mapping[str, Json]

_TITLE_CHARACTERS = 200
_URL_CHARACTERS = 500


def parse_json(data: bytes, where: str) -> Json:
    """The JSON text ``data``.

    Raises:
        FeedUnusable: it is none, or is nested deeper than Python can follow.
    """
    try:
        value: Json = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FeedUnusable(f"{where} is not JSON: {clean(str(error), 200)}.") from error
    return value


def as_object(value: Json, what: str) -> Object:
    """``value``, an object; nothing for null.

    Raises:
        FeedUnusable: it is something else.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise FeedUnusable(f"{what} is not an object.")
    return value


def as_list(value: Json, what: str) -> list[Json]:
    """``value``, a list; nothing for null.

    Raises:
        FeedUnusable: it is something else.
    """
    if value is None:
        return []
    if not isinstance(value, list):
        raise FeedUnusable(f"{what} is not a list.")
    return value


def objects(value: Json, what: str) -> Iterator[Object]:
    """The objects of a list.

    Raises:
        FeedUnusable: it is no list, or holds something else.
    """
    for item in as_list(value, what):
        yield as_object(item, f"An entry of {what}")


def texts(value: Json, what: str) -> list[str]:
    """The texts of a list.

    Raises:
        FeedUnusable: it is no list, or holds something else.
    """
    found = as_list(value, what)
    if not _is_texts(found):
        raise FeedUnusable(f"{what} holds something else than texts.")
    return found


def as_text(value: Json, what: str) -> str:
    """``value``, a text; empty for null.

    Raises:
        FeedUnusable: it is something else.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        raise FeedUnusable(f"{what} is not a text.")
    return value


def as_time(text: str) -> datetime | None:
    """A moment or a day as feeds write them, in UTC; None where there is none, or it is none.

    A year below 1970 stands for "not known": Debian's OSV records have the year 1 then.
    """
    try:
        moment = (
            datetime.fromisoformat(text)
            if "T" in text
            else datetime.fromisoformat(date.fromisoformat(text).isoformat())
        )
        whole = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return whole if whole.year >= 1970 else None


def as_title(text: str) -> str:
    """``text`` on one line of a length that can be listed."""
    return clean(text[: 4 * _TITLE_CHARACTERS], _TITLE_CHARACTERS)


def as_url(text: str) -> str:
    """``text`` if it is a web address, else nothing: it will be shown as one to follow."""
    return (
        clean(text, _URL_CHARACTERS) if text.startswith(("https://", "http://")) and len(text) < _URL_CHARACTERS else ""
    )


def _is_texts(values: list[Json]) -> TypeGuard[list[str]]:
    return all(isinstance(value, str) for value in values)
