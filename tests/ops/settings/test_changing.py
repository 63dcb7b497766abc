"""Settings written into config.toml: in their place, with all else as it was, and never over what others wrote."""

import json
import stat
from contextlib import closing
from pathlib import Path

import pytest

from fleet.edit_conflicts import EditConflict
from fleet.errors import BadInput, NotPermitted, UnknownName
from fleet.roles import Role
from fleet.ssh_logins import Login
from ops.config import load_settings
from ops.home import Home, open_home
from ops.settings.changing import ConfigText, find_setting, replace_config, set_setting, unset_setting
from ops.settings.config_text import with_value, without_value
from ops.settings.known import read_config
from ops.settings.values import read_value, shown_value, value_text
from ops.state.audit import Audit
from ops.state.database import connect

PATH = Path("/srv/config.toml")
WRITTEN = """\
# ours
tables = "s3://a/b"   # far away

[assess]
# not more: the link is thin
concurrency = 8  # of 16
deadline_seconds = 60

# about queries
[query]
row_limit = 5_000
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a config.toml that somebody wrote by hand."""
    made = open_home(tmp_path / "home")
    made.config_file.write_text(WRITTEN, "utf-8")
    return made


def deeds(home: Home) -> list[tuple[str, str, str | None, str | None]]:
    """What the audit has: the deed, of what, before and after."""
    with closing(connect(home.state_file)) as connection:
        entries = Audit(connection).list_entries()
    return [(each.action, each.target, each.before, each.after) for each in entries]


def test_only_the_value_changes() -> None:
    """Comments, order, blanks and the other spellings of numbers stay; the value is in its place."""
    assert with_value(PATH, WRITTEN, "assess.concurrency", 16) == WRITTEN.replace(
        "concurrency = 8  # of 16", "concurrency = 16  # of 16"
    )


@pytest.mark.parametrize(
    ("before", "name", "value", "after"),
    [
        ("", "assess.workers", 2, "[assess]\nworkers = 2\n"),
        ("# only\n", "assess.workers", 2, "# only\n\n[assess]\nworkers = 2\n"),
        ("[assess]\na = 1\n\n# q\n[query]\n", "assess.b", True, "[assess]\na = 1\nb = true\n\n# q\n[query]\n"),
        ("[assess] # x\n# a = 1\n[query]\n", "assess.b", 1.5, "[assess] # x\nb = 1.5\n# a = 1\n[query]\n"),
        ("assess = { a = 1 } # y\n", "assess.a", 2, "assess = { a = 2 } # y\n"),
        ("assess.a = 1 # y\n", "assess.a", 2, "assess.a = 2 # y\n"),
        ("[app]\r\nname = 'a'\r\n", "app.theme", "b", "[app]\r\nname = 'a'\r\ntheme = \"b\"\r\n"),
        ("\ufeff[app]\nname = 'a'\n", "app.name", "b", '\ufeff[app]\nname = "b"\n'),
        ("", "metrics.groups", ("a", 'b"c'), '[metrics]\ngroups = ["a", "b\\"c"]\n'),
        ("[app]\nname = 'a'\n", "tables", "x", "tables = \"x\"\n\n[app]\nname = 'a'\n"),
    ],
)
def test_setting_goes_where_a_person_would_write_it(before: str, name: str, value: object, after: str) -> None:
    """At the end of its section, above the comments of the next; ends of lines and marks are those of the file."""
    assert with_value(PATH, before, name, value) == after  # type: ignore[arg-type]  # of several types


def test_what_was_set_can_be_taken_out_again() -> None:
    """The text is as it was; a comment on a line of its own is nobody's."""
    assert without_value(PATH, with_value(PATH, WRITTEN, "assess.workers", 3), "assess.workers") == WRITTEN
    assert "# not more" in without_value(PATH, WRITTEN, "assess.concurrency")
    assert without_value(PATH, WRITTEN, "assess.workers") == WRITTEN


def test_setting_is_written_audited_and_in_force(home: Home) -> None:
    """Mode and all other text stay; the same once more changes nothing and is no deed."""
    home.config_file.chmod(0o640)
    assert set_setting(home, "assess.concurrency", ["16"]).is_changed
    assert not set_setting(home, "assess.concurrency", ["16"]).is_changed

    assert load_settings(home).assess_concurrency == 16
    assert stat.S_IMODE(home.config_file.stat().st_mode) == 0o640
    ((action, target, before, after),) = deeds(home)
    assert (action, target) == ("settings.set", "config.toml")
    assert json.loads(before or "")["assess.concurrency"] == 8
    assert json.loads(after or "")["assess.concurrency"] == 16
    assert not [path for path in home.path.iterdir() if path.name.startswith(".config")]


def test_file_that_is_not_there_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    """And a link to a file that is kept elsewhere stays a link."""
    home = open_home(tmp_path / "home")
    set_setting(home, "app.name", ["lab"])
    assert stat.S_IMODE(home.config_file.stat().st_mode) == 0o600
    elsewhere = tmp_path / "kept.toml"
    home.config_file.replace(elsewhere)
    home.config_file.symlink_to(elsewhere)
    set_setting(home, "app.name", ["production"])
    assert home.config_file.is_symlink()
    assert elsewhere.read_text() == '[app]\nname = "production"\n'


@pytest.mark.parametrize(
    ("name", "texts", "told"),
    [
        ("assess.concurrency", ["0"], "does not fit: it takes a whole number of at least 1 and up to 10,000"),
        ("assess.concurrency", ["many"], "does not fit"),
        ("app.colour", ["blu"], "red, yellow, green"),
        ("service.assess", ["perhaps"], "true or false"),
        ("service.assess_every", ["nonsense"], "write a target and minutes"),
        ("metrics.listen", ["0.0.0.0:1"], "does not fit"),
    ],
)
def test_value_that_does_not_fit_is_refused(home: Home, name: str, texts: list[str], told: str) -> None:
    """In the words in which the file would be; it stands as it was."""
    with pytest.raises(BadInput, match=told):
        set_setting(home, name, texts)
    assert home.config_file.read_text() == WRITTEN
    assert deeds(home) == []


def test_unknown_setting_is_told_with_the_nearest(home: Home) -> None:
    """Neither set nor taken out."""
    with pytest.raises(UnknownName, match=r"Did you mean 'assess\.concurrency'"):
        set_setting(home, "assess.concurency", ["1"])
    with pytest.raises(UnknownName, match=r"Did you mean 'assess\.concurrency'"):
        unset_setting(home, "assess.concurency")


def test_what_others_changed_meanwhile_is_shown_and_kept(home: Home) -> None:
    """Nothing is written over it; whoever has seen it may go on from there."""
    seen = ConfigText(WRITTEN)
    home.config_file.write_text(theirs := WRITTEN.replace("deadline_seconds = 60", "deadline_seconds = 90"))

    with pytest.raises(EditConflict, match=r"assess\.deadline_seconds") as told:
        set_setting(home, "assess.concurrency", ["16"], seen)
    assert home.config_file.read_text() == theirs
    assert [(each.path, each.theirs, each.mine) for each in told.value.places] == [
        ("assess.deadline_seconds", "90", "60"),
        ("assess.concurrency", "8", "16"),
    ]

    set_setting(home, "assess.concurrency", ["16"], ConfigText(theirs))
    assert load_settings(home).assess_deadline_seconds == 90
    with pytest.raises(EditConflict):
        replace_config(home, "", seen)


def test_broken_file_can_be_looked_at_and_mended(home: Home) -> None:
    """Keys that are no settings, and values that do not fit, are told each with its line, and taken out one by one."""
    home.config_file.write_text('asess.x = 1\n[assess]\nconcurrency = "many"\nworkers = 2\n')
    config = read_config(home)
    assert [(each.name, each.line) for each in config.strangers] == [("asess.x", 1)]
    assert "does not fit" in config.find("assess.concurrency").problem
    assert (config.find("assess.workers").value, config.find("assess.workers").line) == (2, 4)

    assert "assess.concurrency" in unset_setting(home, "asess.x").config.problem
    assert set_setting(home, "assess.concurrency", ["9"]).config.problem == ""
    assert load_settings(home).assess_workers == 2


def test_file_that_is_no_toml_is_replaced_as_a_whole_only(home: Home) -> None:
    """One setting cannot be put into it; a text that can be used takes its place, one that cannot does not."""
    home.config_file.write_text(broken := "[assess\n")
    assert "line 1" in read_config(home).problem
    with pytest.raises(BadInput, match="line 1"):
        set_setting(home, "assess.workers", ["1"])
    with pytest.raises(BadInput, match="does not fit"):
        replace_config(home, "[assess]\nworkers = 99\n", ConfigText(broken))
    replace_config(home, WRITTEN, ConfigText(broken))
    assert load_settings(home).assess_concurrency == 8
    assert deeds(home)[0][0] == "settings.edit"
    assert "unreadable" in (deeds(home)[0][2] or "")


def test_home_that_is_only_read_is_not_changed(home: Home) -> None:
    """The process that opened it so is refused."""
    connect(home.state_file).close()
    only_read = open_home(home.path, read_only=True)
    with pytest.raises(NotPermitted):
        set_setting(only_read, "assess.workers", ["1"])
    open_home(home.path)


def test_every_setting_says_when_it_takes_effect_and_can_be_typed_again(home: Home) -> None:
    """The text of each default gives the default; one that Patchdeck chooses has none. No digit of a value is lost."""
    for now in read_config(home).settings:
        assert now.effect
        assert shown_value(now.setting, now.value)
        default = now.setting.default
        if default is not None:
            assert read_value(now.setting, [value_text(default)], "here") == default
    seconds, rows = (find_setting(name) for name in ("assess.deadline_seconds", "query.row_limit"))
    assert (value_text(12345.678), shown_value(seconds, 12345.678)) == ("12345.678", "12,345.678 seconds")
    assert (shown_value(seconds, 90.0), shown_value(rows, 1_234_567)) == ("90 seconds", "1,234,567 rows")


def test_login_over_ssh_changes_nothing_of_the_host(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files, programs, addresses and credentials are the host's; how the app works is the fleet's."""
    monkeypatch.setattr("ops.acting_login._ACTING", [Login("anna", Role.ADMIN, "SHA256:x", "1", "192.0.2.1 1 22")])
    with pytest.raises(NotPermitted, match="serve-ssh"):
        set_setting(home, "secrets.unlock_command", ["/bin/sh"])
    with pytest.raises(NotPermitted, match="serve-ssh"):
        unset_setting(home, "tables")
    with pytest.raises(NotPermitted, match="serve-ssh"):
        replace_config(home, "", ConfigText(WRITTEN))
    assert home.config_file.read_text() == WRITTEN
    assert set_setting(home, "assess.concurrency", ["16"]).is_changed
