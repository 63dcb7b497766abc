"""Command lines that only open the app, read without typer, whose import is a tenth of the app's start."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class AppWords:
    """What was asked for: the home where one was named, and how the app is to be."""

    home: Path | None = None
    is_read_only: bool = False
    is_ascii: bool = False


def read_app_words(words: Sequence[str], environment: Mapping[str, str] = os.environ) -> AppWords | None:
    """What ``words`` ask of the app; None for all that takes more than a look: verbs, help, mistakes, repetitions."""
    if "PATCHDECK_READ_ONLY" in environment:
        return None
    home: Path | None = None
    flags: set[str] = set()
    rest = iter(words)
    for word in rest:
        if word == "--home" and home is None:
            name = next(rest, "")
            if not name or name.startswith("-"):
                return None
            home = Path(name)
        elif word in ("--read-only", "--ascii") and word not in flags:
            flags.add(word)
        else:
            return None
    return AppWords(home, "--read-only" in flags, "--ascii" in flags)
