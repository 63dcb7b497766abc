"""Routes for a whole scan: OpenSSH's configuration is gone through once for all hosts that it says the same of."""

import asyncio
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from asyncssh.pattern import WildcardPatternList

from collectors.transports.ssh_config import SshRoute, SshTarget, find_route

# What a line says of one host alone stands in it as a token: ssh_config(5), TOKENS.
_TOKENS = re.compile(
    r"\s*(hostname|identityfile|identityagent|certificatefile|proxycommand|remotecommand|forwardagent)\b.*%",
    re.IGNORECASE,
)
_STRUCTURE = re.compile(r"\s*(?P<word>host|match|include|proxyjump)(?:\s*=\s*|\s+)(?P<rest>\S.*)", re.IGNORECASE)
_DEEPEST_INCLUDE = 16  # OpenSSH's own limit: readconf.c, READCONF_MAX_DEPTH


class RouteBook:
    """Routes by target. One that is like an earlier one is made from it: same user, port, key, and lines that apply.

    Args:
        config_files: OpenSSH's, the first value wins. Read at the beginning; those that are missing are skipped.
    """

    def __init__(self, config_files: Sequence[Path]) -> None:
        self._files = tuple(path for path in config_files if path.is_file())
        self._conditions = _read_conditions(self._files)
        self._routes: dict[tuple[object, ...], SshRoute] = {}

    async def find(self, target: SshTarget) -> SshRoute:
        """See `find_route`; in a thread where there is something to read."""
        key = self._key(target)
        known = self._routes.get(key) if key is not None else None
        if known is not None:
            return _at(known, target)
        route = await asyncio.to_thread(find_route, target, self._files) if self._files else find_route(target, ())
        if key is not None:
            self._routes[key] = route
        return route

    def _key(self, target: SshTarget) -> tuple[object, ...] | None:
        """What the route to ``target`` depends on beside its name, or None where every host may be another case."""
        conditions = self._conditions
        if conditions is None or not target.name or target.name.lower() in conditions.jumps:
            return None
        applies = tuple(pattern.matches(target.name) for pattern in conditions.patterns)
        return applies, replace(target, name="")


def _at(route: SshRoute, target: SshTarget) -> SshRoute:
    """``route``, which was found for another host of which the configuration says the same, for ``target``."""
    if route.options.config.get("Hostname") is not None:
        return route
    alias = route.options.host_key_alias
    return replace(route, host=target.name, known_as=alias or target.name)


@dataclass(frozen=True, slots=True)
class _Conditions:
    """What the configuration asks of a host: the patterns of ``Host`` lines, and jump hosts, which have no jump."""

    patterns: tuple[WildcardPatternList, ...]
    jumps: frozenset[str]


def _read_conditions(files: Sequence[Path]) -> _Conditions | None:
    """The conditions of all files; None where something else decides, too, or a line is not clear."""
    try:
        lines = [line for path in files for line in _read_lines(path, 0)]
        patterns = tuple(WildcardPatternList(text) for word, text in lines if word == "host")
    except (_EveryHostDiffers, ValueError, OSError):
        return None
    return _Conditions(patterns, frozenset(text.lower() for word, text in lines if word == "proxyjump"))


class _EveryHostDiffers(Exception):
    pass


def _read_lines(path: Path, depth: int) -> Iterator[tuple[str, str]]:
    """``Host`` and ``ProxyJump`` lines of ``path`` and of what it includes, under whatever condition."""
    if depth > _DEEPEST_INCLUDE:
        raise _EveryHostDiffers
    for line in path.read_text().splitlines():
        found = _STRUCTURE.match(line)
        word = found["word"].lower() if found else ""
        if _TOKENS.match(line) or word == "match":
            raise _EveryHostDiffers
        arguments = shlex.split(found["rest"]) if found else []
        if word == "include":
            for included in (path for argument in arguments for path in _find_included(argument)):
                yield from _read_lines(included, depth + 1)
        elif word:
            yield word, ",".join(arguments)


def _find_included(argument: str) -> list[Path]:
    place = Path(argument).expanduser()
    if place.anchor:
        return [path for path in Path(place.anchor).glob(str(Path(*place.parts[1:]))) if path.is_file()]
    return [path for path in (Path.home() / ".ssh").glob(argument) if path.is_file()]
