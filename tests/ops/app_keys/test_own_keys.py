"""Keys that config.toml changes: what fits holds, what does not is refused with its place."""

from pathlib import Path

import pytest

from fleet.errors import BadInput
from ops.app_keys.catalogue import load_catalogue
from ops.app_keys.key_names import read_key, show_key
from ops.app_keys.own_keys import OwnKeys, keys_of, load_own_keys
from ops.config import load_settings
from ops.home import Home, open_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


def own_keys(home: Home, text: str) -> OwnKeys:
    home.config_file.write_text(text, encoding="utf-8")
    load_settings(home)
    return load_own_keys(home)


def test_nothing_is_changed_by_default(home: Home) -> None:
    """A home without config.toml has the keys that Patchdeck came with."""
    assert load_own_keys(home) == OwnKeys()


@pytest.mark.parametrize(
    "text",
    [
        '[keys]\n"machines.assess" = "ctrl+g"\n',
        '[keys]\nmachines.assess = ["ctrl+g"]\n',
        'keys = {"machines.assess" = "ctrl+g"}\n',
    ],
)
def test_action_has_the_keys_that_were_given(home: Home, text: str) -> None:
    """However it is written, the key holds where its screen is, and the default does not any more."""
    holding = keys_of(load_catalogue(), own_keys(home, text).remaps, "machines")
    assert holding["assess"] == ("ctrl+g",)


def test_action_of_a_base_changes_everywhere_but_where_the_screen_says_otherwise(home: Home) -> None:
    """``every-table.sort`` is for all tables; ``runs.sort`` beside it for one."""
    given = own_keys(home, '[keys]\n"every-table.sort" = "f10"\n"runs.sort" = ["f11", "alt+x"]\n')
    assert keys_of(load_catalogue(), given.remaps, "machines")["sort"] == ("f10",)
    assert keys_of(load_catalogue(), given.remaps, "runs")["sort"] == ("f11", "alt+x")


def test_two_actions_may_change_their_keys_with_each_other(home: Home) -> None:
    """What is given away is free."""
    given = own_keys(home, '[keys]\n"machines.add" = "e"\n"machines.edit" = "a"\n')
    assert given.remaps == {"machines.add": ("e",), "machines.edit": ("a",)}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '[keys]\n"machines.asess" = "f10"\n',
            "line 2: There is no action 'machines.asess'. Did you mean 'machines.assess'",
        ),
        ('\n[keys]\n"machines.assess" = "e"\n', "line 3: e is machines.edit in machines already"),
        ('[keys]\n"machines.assess" = "j"\n', "line 2: j is table.move-1 in machines already"),
        ('[keys]\n"table.move-1" = "n"\n', "line 2: n is "),
        ('[keys]\n"app.help" = "s"\n', "line 2: s is "),
        ('[keys]\n"machines.assess" = "3"\n', "line 2: 3 is app.view-query in machines already"),
        ('[keys]\n"machines.assess" = "ctrl+m"\n', "line 2: terminals send enter for ctrl+m"),
        ('[keys]\n"machines.assess" = "esc"\n', "line 2: esc always leads out"),
        ('[keys]\n"machines.assess" = "hyper+q"\n', "line 2: there is no key 'hyper+q'"),
        ('[keys]\n"machines.assess" = 7\n', "line 2: machines.assess takes a key or a list of keys"),
        ('[keys]\n"machines.assess" = []\n', "line 2: machines.assess takes a key or a list of keys"),
        ("keys = 3\n", "line 1: [keys] is a section"),
        ('[app.keys]\nf10 = "mashines"\n', "line 2: There is no command ':mashines'. Did you mean ':machines'"),
        ('[app.keys]\nf10 = "runs"\ns = "machines"\n', "line 3: s is"),
        ('[app.keys]\n"?" = "machines"\n', "line 2: ? is"),
        ('[app.aliases]\nmissing = "machines"\n', "line 2: :missing is a command already"),
        ('[app.aliases]\n"Prod!" = "machines"\n', "'Prod!' cannot be typed as a command"),
        ("[app.aliases]\nprod = 3\n", "line 2: it takes a command as text"),
        ('[app]\nthmee = "x"\n', "line 2: There is no setting 'app.thmee'"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(home: Home, text: str, told: str) -> None:
    """An unknown action, a clash, a key that no terminal sends: file and line, like any setting."""
    with pytest.raises(BadInput) as refused:
        own_keys(home, text)
    assert told in str(refused.value)
    assert str(home.config_file) in str(refused.value)


def test_example_in_the_documentation_holds(home: Home) -> None:
    """What docs/app.md shows can be copied as it stands."""
    page = (Path(__file__).parents[3] / "docs" / "app.md").read_text(encoding="utf-8")
    given = own_keys(home, page.partition("```toml\n")[2].partition("```")[0])
    assert len(given.remaps) == 4
    assert given.hot_keys
    assert given.aliases


def test_commands_have_names_and_keys_of_the_user(home: Home) -> None:
    """An alias stands for a command with its argument, and a hot key runs one or the other."""
    given = own_keys(
        home, '[app]\ntheme = "ansi-dark"\n[app.aliases]\nprod = ":machines tags:prod"\n[app.keys]\nf10 = "prod"\n'
    )
    assert given.aliases == {"prod": "machines tags:prod"}
    assert given.hot_keys == {"f10": "prod"}
    assert load_settings(home).app_theme == "ansi-dark"


@pytest.mark.parametrize(
    ("text", "key", "shown"),
    [
        ("/", "slash", "/"),
        ("ctrl+G", "ctrl+g", "ctrl+g"),
        ("G", "G", "G"),
        ("esc", None, ""),
        ("ctrl+space", "ctrl+@", "ctrl+space"),
        ("ctrl+/", "ctrl+slash", "ctrl+/"),
        ("+", "plus", "+"),
        ("shift+f3", "shift+f3", "shift+f3"),
        ("pageup", "pageup", "pageup"),
    ],
)
def test_keys_are_called_as_people_write_them(text: str, key: str | None, shown: str) -> None:
    """A sign stands for itself, and what is shown can be written back."""
    if key is None:
        with pytest.raises(BadInput):
            read_key(text)
        return
    assert read_key(text) == key
    assert show_key(key) == shown
    assert read_key(show_key(key)) == key
