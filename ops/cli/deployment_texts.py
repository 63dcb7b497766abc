"""Parts of a deployment that options give as one text: classes, times of day, exclusions, scripts."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType

from fleet.deployments.masks import parse_mask
from fleet.deployments.scripts import Script, ScriptFailure, ScriptPlace, ScriptStage
from fleet.deployments.update_rules import Exclusion
from fleet.errors import BadInput, UnknownName
from fleet.updates import Classification
from ops.deployments.definition_words import CLASS_WORDS, CLASSES_OF_ALL

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_CLOCK_TIME = re.compile(r"(\d{1,2}):(\d{2})")
_DAY_AND_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d{1,2}:\d{2}(?::\d{2})?)")
_PARAMETER = re.compile(r"([A-Za-z_][A-Za-z0-9_]{0,62})=(.*)", re.DOTALL)
_ALL = "all"
_SCRIPT = "write 'console|machine PATH [KEY=VALUE ...] [--timeout SECONDS] [--on-failure stop|continue]'"
_EXCLUSION = "write 'MASK; REASON', and if you like '; UNTIL' (YYYY-MM-DD) and '; BY'"


def read_classes(names: Sequence[str]) -> tuple[Classification, ...]:
    """The classes called ``names``, spelt as in definitions, in the order of their weight; ``all`` is every
    class but drivers and upgrades, which have to be named.

    Raises:
        UnknownName: there is no such class.
    """
    chosen: set[Classification] = set()
    for name in names:
        word = name.casefold()
        if word != _ALL and word not in CLASS_WORDS:
            raise UnknownName("class", name, (*CLASS_WORDS, _ALL))
        chosen |= set(CLASSES_OF_ALL) if word == _ALL else {CLASS_WORDS[word]}
    return tuple(each for each in CLASS_WORDS.values() if each in chosen)


def read_day(text: str) -> date:
    """A day of the calendar, YYYY-MM-DD.

    Raises:
        BadInput: it is none.
    """
    try:
        if _DAY.fullmatch(text.strip()):
            return date.fromisoformat(text.strip())
    except ValueError:
        pass
    raise BadInput(f"{text!r} is no day: write YYYY-MM-DD.")


def read_clock_time(text: str) -> str:
    """A time of day as HH:MM; empty stays empty.

    Raises:
        BadInput: it is none.
    """
    match = _CLOCK_TIME.fullmatch(text.strip())
    if not text.strip():
        return ""
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise BadInput(f"{text!r} is no time of day: write HH:MM.")
    return f"{int(match[1]):02}:{match[2]}"


def read_wall_clock(text: str, today: date) -> datetime:
    """A day and a time on a wall clock, without zone; a time alone is of ``today``.

    Raises:
        BadInput: it is none.
    """
    match = _DAY_AND_TIME.fullmatch(text.strip())
    day, clock = (match[1], match[2]) if match else (today.isoformat(), text.strip())
    try:
        if match or _CLOCK_TIME.fullmatch(clock):
            return datetime.fromisoformat(f"{day}T{clock.zfill(5 if clock.count(':') == 1 else 8)}")
    except ValueError:
        pass
    raise BadInput(f"{text!r} is no day and time: write 'YYYY-MM-DD HH:MM', without a zone.")


def read_exclusion(text: str) -> Exclusion:
    """``openssl*; breaks the load balancer; 2026-12-31; anna``: mask and reason, then until when and by whom.

    Raises:
        BadInput: it is not that.
    """
    mask, *rest = (part.strip() for part in text.split(";"))
    if not 1 <= len(rest) <= 3 or not rest[0]:
        raise BadInput(f"Exclusion {text!r} is not usable: {_EXCLUSION}.")
    reason, until, by = (*rest, "", "")[:3]
    return Exclusion(parse_mask(mask), reason, read_day(until) if until else None, by)


def read_script(text: str, stage: ScriptStage) -> Script:
    """``machine /srv/drain.sh pool=a --timeout 60 --on-failure continue``, split as a shell would.

    Raises:
        BadInput: it is not that, or there is no such file.
    """
    words = _split(text)
    if len(words) < 2:
        raise BadInput(f"Script {text!r} is not usable: {_SCRIPT}.")
    place, path, *rest = words
    places = {each.value: each for each in ScriptPlace}
    if place not in places:
        raise UnknownName("place for a script", place, places)
    settings, rest = _take_settings(rest)
    return Script(
        stage,
        places[place],
        _existing(path),
        MappingProxyType(dict(_parameters(rest))),
        _timeout(settings.get("--timeout", "300")),
        _on_failure(settings.get("--on-failure", ScriptFailure.STOP.value)),
    )


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise BadInput(f"Script {text!r} is not usable: {error}.") from error


def _take_settings(words: Sequence[str]) -> tuple[Mapping[str, str], list[str]]:
    """What ``--timeout`` and ``--on-failure`` say, and the words that are left."""
    settings: dict[str, str] = {}
    left = []
    iterator = iter(words)
    for word in iterator:
        if not word.startswith("--"):
            left.append(word)
            continue
        if word not in ("--timeout", "--on-failure"):
            raise UnknownName("setting of a script", word, ("--timeout", "--on-failure"))
        settings[word] = next(iterator, "")
    return settings, left


def _parameters(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for word in words:
        match = _PARAMETER.fullmatch(word)
        if match is None or not word.isprintable():
            raise BadInput(f"Parameter {word!r} is not usable: write KEY=VALUE, KEY of letters, digits and '_'.")
        if match[1] in seen:
            raise BadInput(f"Parameter {match[1]} is given twice.")
        seen.add(match[1])
        yield match[1], match[2]


def _timeout(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text[:9]) <= 86_400:
        raise BadInput(f"Timeout {text!r} is not usable: write 1 to 86400 seconds.")
    return int(text)


def _on_failure(text: str) -> ScriptFailure:
    by_name = {each.value: each for each in ScriptFailure}
    if text not in by_name:
        raise UnknownName("meaning of a failure", text, by_name)
    return by_name[text]


def _existing(path: str) -> str:
    absolute = Path(path).expanduser().absolute()
    if not absolute.is_file():
        raise BadInput(f"There is no script {str(absolute)!r}.")
    return str(absolute)
