"""Every setting with its value now, where that comes from, and what is wrong with it; read even from a broken file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fleet.errors import BadInput, UnknownName
from ops.config import list_settings, read_settings
from ops.config_file import Given, checked, given_in
from ops.home import Home
from ops.service.timetable import timetable_of
from ops.setting import Setting, Value
from ops.settings.config_text import read_raw, without_mark

AT_ONCE = "at once; a service that runs takes it at its next look"
_EFFECTS = {
    "app": "in this app at once, elsewhere when the app is opened next",
    "app.start": "when the app is opened next",
    "serve": "when serve-ssh is started next; sessions that are open stay as they are",
}


@dataclass(frozen=True, slots=True)
class SettingNow:
    """A setting and its value now; ``line`` is where it stands in config.toml, None where the default holds.

    ``problem`` says what is wrong with what stands there; ``value`` is the default then, which is not in force either.
    """

    setting: Setting
    value: Value
    line: int | None = None
    problem: str = ""

    @property
    def name(self) -> str:
        """As in ``assess.concurrency``."""
        return self.setting.name

    @property
    def origin(self) -> str:
        """Where the value comes from: ``config.toml, line 4`` or ``default``."""
        return "default" if self.line is None else f"config.toml, line {self.line}"

    @property
    def effect(self) -> str:
        """When a change of it takes effect."""
        section = self.name.partition(".")[0]
        return _EFFECTS.get(self.name) or _EFFECTS.get(section, AT_ONCE)


@dataclass(frozen=True, slots=True)
class Stranger:
    """A key of the file that is no setting, with its line and what is to be said of it."""

    name: str
    line: int
    problem: str


@dataclass(frozen=True, slots=True)
class ConfigNow:
    """All settings of a home, in the order in which they are declared, and the ``text`` of its file; None: no file.

    ``problem`` is the first thing for which the file is refused, empty where it can be used. Where it is no TOML at
    all, no setting has a line.
    """

    path: Path
    text: str | None
    settings: Sequence[SettingNow]
    strangers: Sequence[Stranger] = ()
    problem: str = ""

    def find(self, name: str) -> SettingNow:
        """The setting called ``name``.

        Raises:
            UnknownName: there is none.
        """
        known = {each.name: each for each in self.settings}
        if name not in known:
            raise UnknownName("setting", name, known)
        return known[name]


def read_config(home: Home) -> ConfigNow:
    """The settings of ``home`` as its file has them, whatever is wrong with it. Blocking, but short.

    Raises:
        BadInput: the file is no text.
        HomeUnusable: it cannot be read.
    """
    return config_of(home.config_file, read_raw(home.config_file))


def config_of(path: Path, text: str | None) -> ConfigNow:
    """As `read_config`, of ``text`` that stands, or is to stand, at ``path``."""
    declared = list_settings()
    known = {setting.name: setting for setting in declared}
    try:
        given = {each.name: each for each in given_in(path, without_mark(text or ""), known)}
    except BadInput as error:
        return ConfigNow(path, text, [SettingNow(each, each.default) for each in declared], (), str(error))
    strangers = [_stranger(each, known) for name, each in given.items() if name not in known]
    return ConfigNow(
        path, text, [_now(each, given.get(each.name), known) for each in declared], strangers, problem_of(path, text)
    )


def problem_of(path: Path, text: str | None) -> str:
    """The first thing for which ``text`` would be refused as the config.toml at ``path``; empty where it is usable."""
    try:
        timetable_of(read_settings(path, without_mark(text or "")))
    except BadInput as error:
        return str(error)
    return ""


def _now(setting: Setting, given: Given | None, known: Mapping[str, Setting]) -> SettingNow:
    if given is None:
        return SettingNow(setting, setting.default)
    try:
        return SettingNow(setting, checked(given, known), given.line)
    except BadInput as error:
        return SettingNow(setting, setting.default, given.line, str(error))


def _stranger(given: Given, known: Mapping[str, Setting]) -> Stranger:
    try:
        checked(given, known)
    except BadInput as error:
        return Stranger(given.name, given.line, str(error))
    return Stranger(given.name, given.line, "")
