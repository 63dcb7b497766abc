"""Settings: defaults, values that are taken, and mistakes told with their line."""

from dataclasses import fields
from pathlib import Path

import pytest

from fleet.errors import BadInput
from ops.config import Settings, list_settings, load_settings
from ops.home import Home, open_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path / "home")


def test_without_file_the_defaults_hold(home: Home) -> None:
    """A missing config.toml is fine."""
    assert load_settings(home) == Settings()


def test_values_are_taken_from_sections(home: Home) -> None:
    """Sections, dotted keys and whole numbers for numbers are all fine."""
    home.config_file.write_text("query.row_limit = 5\n[assess]\ndeadline_seconds = 30\nconcurrency = 8\n")

    settings = load_settings(home)

    assert (settings.query_row_limit, settings.assess_deadline_seconds, settings.assess_concurrency) == (5, 30.0, 8)
    assert isinstance(settings.assess_deadline_seconds, float)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[assess]\n# more\nconcurency = 5\n",
            "line 3: There is no setting 'assess.concurency'. Did you mean 'assess.c",
        ),
        ("\nassess.concurency = 5\n", "line 2: There is no setting 'assess.concurency'. Did you mean"),
        ("[asess]\nconcurrency = 5\n", "line 2: There is no setting 'asess.concurrency'. Did you mean 'assess.conc"),
        ("assess = {concurency = 5}\n", "line 1: There is no setting 'assess.concurency'"),
        ("\n[zzz]\n", "line 2: There is no setting 'zzz'."),
        ("\nassess = 5\n", "line 2: There is no setting 'assess'."),
        ("[[assess]]\nconcurrency = 5\n", "line 1: There is no setting 'assess'."),
        ('[assess]\n"concurrency" = "5"\n', "line 2: assess.concurrency = '5' does not fit: it takes a whole number"),
        ("[assess]\nconcurrency = true\n", "line 2: assess.concurrency = True does not fit"),
        ("[assess]\nconcurrency = 5.5\n", "line 2: assess.concurrency = 5.5 does not fit"),
        ("[assess]\nconcurrency = 0\n", "of at least 1 and up to 10,000"),
        ("[assess]\ndeadline_seconds = nan\n", "line 2: assess.deadline_seconds = nan does not fit"),
        ("[assess]\nconcurrency =\n", "line 2, column 14: not TOML: Invalid value"),
        ("a = 1\n\n[assess\n", "line 3, column 8: not TOML"),
        ('\na = "', "line 2: not TOML: "),
    ],
)
def test_mistakes_name_file_line_and_remedy(home: Home, text: str, message: str) -> None:
    """Whatever is wrong, the message is one line that starts with file and line."""
    home.config_file.write_text(text)

    with pytest.raises(BadInput) as caught:
        load_settings(home)

    assert str(caught.value).startswith(f"{home.config_file}, line ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_file_that_is_not_text_is_refused(home: Home) -> None:
    """Bytes that are not UTF-8 are told as such."""
    home.config_file.write_bytes(b"\xff\xfe")

    with pytest.raises(BadInput, match="not UTF-8"):
        load_settings(home)


def test_every_field_is_a_setting_with_a_meaning() -> None:
    """Each setting is declared once, and its default is of its type."""
    settings = list_settings()

    assert [setting.field_name for setting in settings] == [field.name for field in fields(Settings)]
    assert all(setting.about.meaning for setting in settings)
    assert [setting.name for setting in settings if "." not in setting.name] == ["tables"]
    assert all(setting.default is None or type(setting.default) is setting.kind for setting in settings)


def test_a_byte_order_mark_is_no_mistake(home: Home) -> None:
    """Editors on Windows begin files with one."""
    home.config_file.write_text("[query]\nrow_limit = 5\n", encoding="utf-8-sig")

    assert load_settings(home).query_row_limit == 5


def test_memory_beyond_what_the_engine_counts_is_refused(home: Home) -> None:
    """DuckDB would say "Memory value out of range"."""
    home.config_file.write_text(f"[query]\nmemory_mib = {10**30}\n")

    with pytest.raises(BadInput, match="line 2"):
        load_settings(home)


@pytest.mark.parametrize("text", ["a." * 100_000 + "a = 1", "a = " + "[" * 100_000, f"a = {'9' * 5_000}"])
def test_settings_that_nobody_writes_are_refused_in_one_line(home: Home, text: str) -> None:
    """A key of 100,000 parts would take all memory, deep nesting and long numbers a traceback."""
    home.config_file.write_text(text)

    with pytest.raises(BadInput) as caught:
        load_settings(home)

    assert str(caught.value).startswith(f"{home.config_file}")
    assert "\n" not in str(caught.value)
