"""Settings changed: one at a time, or the whole file; checked, audited, and never over what somebody else changed."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from fleet.edit_conflicts import EditConflict, compare_edits
from fleet.errors import BadInput, UnknownName
from ops.acting_login import require_own_host
from ops.config import list_settings, read_settings
from ops.home import Home
from ops.permission import require_writable
from ops.service.timetable import timetable_of
from ops.setting import Setting
from ops.settings.config_text import flat_values, read_raw, with_value, without_mark, without_value, write_config
from ops.settings.known import ConfigNow, config_of, problem_of
from ops.settings.values import read_value
from ops.state.audit import Audit
from ops.state.database import opened, transaction
from ops.toml_text import NotToml, load_toml

WHAT = "config.toml"
# They name files, programs, addresses or credentials of the host: whoever is served over SSH is given none of them.
_OF_THE_HOST = ("tables", "storage.", "secrets.", "metrics.textfile", "metrics.listen", "serve.")


@dataclass(frozen=True, slots=True)
class ConfigText:
    """The text of a config.toml as somebody read it; None: there was no file."""

    text: str | None


# Of who changes one value at once, without having looked at it for a while.
UNSEEN: Final = ConfigText("\0")


@dataclass(frozen=True, slots=True)
class Changed:
    """What came of a change: the settings by now, and whether that is other than before."""

    config: ConfigNow
    is_changed: bool


def set_setting(home: Home, name: str, texts: Sequence[str], seen: ConfigText = UNSEEN) -> Changed:
    """Write the setting ``name`` into config.toml at the value that ``texts`` say; comments and order stay. Blocking.

    ``seen`` is the text that whoever decided this had read.

    Raises:
        UnknownName: there is no such setting.
        BadInput: the value does not fit, or the file is not TOML, or has a form in which it cannot be written.
        EditConflict: the file is not as it was ``seen``; says what is other.
        NotPermitted: this process does not change the home, or this setting over serve-ssh.
        HomeUnusable: the file cannot be written.
    """
    setting = find_setting(name)
    _require_host(name)
    path = home.config_file
    value = read_value(setting, texts, WHAT)

    def make(text: str) -> str:
        after = with_value(path, text, name, value)
        _check_together(home, name, after)
        return after

    return _keep(home, make, seen, "settings.set")


def unset_setting(home: Home, name: str, seen: ConfigText = UNSEEN) -> Changed:
    """Take ``name`` out of config.toml, so that its default holds; a key that is no setting goes, too. Blocking.

    Raises:
        UnknownName: there is no such setting, and no such key in the file.
        BadInput, EditConflict, NotPermitted, HomeUnusable: as `set_setting`.
    """
    _require_host(name)
    path = home.config_file
    known = {setting.name for setting in list_settings()}

    def make(text: str) -> str:
        if name not in known and name not in flat_values(_tables(text)):
            raise UnknownName("setting", name, known)
        return without_value(path, text, name)

    return _keep(home, make, seen, "settings.unset")


def replace_config(home: Home, text: str, seen: ConfigText) -> Changed:
    """Put ``text`` in place of the whole config.toml that was ``seen``. Blocking.

    Raises:
        BadInput: it could not be used; says the line.
        EditConflict, NotPermitted, HomeUnusable: as `set_setting`.
    """

    require_own_host("edit config.toml")

    def make(_before: str) -> str:
        if problem := problem_of(home.config_file, text):
            raise BadInput(problem)
        return text

    return _keep(home, make, seen, "settings.edit")


def find_setting(name: str) -> Setting:
    """The setting called ``name``.

    Raises:
        UnknownName: there is none.
    """
    known = {setting.name: setting for setting in list_settings()}
    if name not in known:
        raise UnknownName("setting", name, known)
    return known[name]


def _require_host(name: str) -> None:
    if name.startswith(_OF_THE_HOST):
        require_own_host(f"change {name}")


def _check_together(home: Home, name: str, text: str) -> None:
    """Refuse a value that fits by itself and cannot be used, such as a target that is none in service.assess_every."""
    if name.startswith("service.") and not config_of(home.config_file, text).strangers:
        settings = read_settings(home.config_file, without_mark(text))
        timetable_of(settings)


def _keep(home: Home, make: Callable[[str], str], seen: ConfigText, action: str) -> Changed:
    require_writable(home.path, "change settings")
    path = home.config_file
    # The write lock of state.db: of two at once the second finds what the first wrote.
    with opened(home.state_file) as connection, transaction(connection):
        before = read_raw(path)
        if seen is not UNSEEN and seen.text != before and make(before or "") != before:
            raise _conflict(seen.text, before, make(seen.text or ""))
        after = make(before or "")
        if after == (before or ""):
            return Changed(config_of(path, before), is_changed=False)
        Audit(connection).record(action, WHAT, _document(before), _document(after))
        write_config(path, after)
    return Changed(config_of(path, after), is_changed=True)


def _conflict(seen: str | None, theirs: str | None, mine: str) -> EditConflict:
    documents = (_document(seen) or "{}", _document(theirs) or "{}", _document(mine) or "{}")
    places = compare_edits(*documents)
    by = "somebody" if any(place.is_theirs for place in places) else "somebody (comments or layout alone)"
    return EditConflict(WHAT, ConfigText(seen), ConfigText(theirs), ConfigText(mine), by=by, at=None, places=places)


def _document(text: str | None) -> str | None:
    """What ``text`` says, for the audit; that it could not be read where it was no TOML."""
    if text is None:
        return None
    try:
        return json.dumps(flat_values(load_toml(without_mark(text))), default=str)
    except NotToml as error:
        return json.dumps({"unreadable": error.words})


def _tables(text: str) -> dict[str, object]:
    try:
        return load_toml(without_mark(text))
    except NotToml:
        return {}
