"""The home: where it is, how it is made, and what is refused as one."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from fleet.errors import HomeIsNewer, HomeUnusable
from ops.home import LAYOUT_VERSION, open_home


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PATCHDECK_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def test_new_home_is_for_its_owner_only(tmp_path: Path) -> None:
    """It is made with mode 0700, whatever the umask."""
    home = open_home(tmp_path / "home")

    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700


def test_home_given_wins_over_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--home overrides $PATCHDECK_HOME, which overrides the XDG data folder."""
    monkeypatch.setenv("PATCHDECK_HOME", str(tmp_path / "environment"))

    assert open_home(tmp_path / "given").path == tmp_path / "given"
    assert open_home().path == tmp_path / "environment"
    monkeypatch.setenv("PATCHDECK_HOME", "")
    assert open_home().path == tmp_path / "data" / "patchdeck"


def test_relative_xdg_folder_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The XDG specification calls a relative path invalid."""
    monkeypatch.setenv("XDG_DATA_HOME", "data")
    monkeypatch.setenv("HOME", str(tmp_path))

    assert open_home().path == tmp_path / ".local" / "share" / "patchdeck"


def test_home_opens_again(tmp_path: Path) -> None:
    """What is there stays as it is."""
    (open_home(tmp_path / "home").config_file).write_text("")
    (tmp_path / "home").chmod(0o750)

    home = open_home(tmp_path / "home", create=False)

    assert home.config_file.exists()
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o750


def test_settings_may_be_laid_down_before_the_first_start(tmp_path: Path) -> None:
    """A folder that holds nothing but entries of a home becomes one."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "config.toml").write_text("")

    assert open_home(tmp_path / "home").path == tmp_path / "home"


def test_folder_of_other_things_is_no_home(tmp_path: Path) -> None:
    """Somebody's documents are left alone, and the message names one of them."""
    (tmp_path / "letters.txt").write_text("")

    with pytest.raises(HomeUnusable, match=r"not a home of Patchdeck: it holds 'letters\.txt'"):
        open_home(tmp_path)
    assert list(tmp_path.iterdir()) == [tmp_path / "letters.txt"]


def test_file_is_no_home(tmp_path: Path) -> None:
    """A path to a file is refused in one line."""
    (tmp_path / "file").write_text("")

    with pytest.raises(HomeUnusable, match="it is not a folder"):
        open_home(tmp_path / "file")


def test_parent_that_is_missing_is_named(tmp_path: Path) -> None:
    """A mistyped path does not make a tree of folders."""
    with pytest.raises(HomeUnusable, match=f"there is no folder {tmp_path / 'mistyped'}"):
        open_home(tmp_path / "mistyped" / "home")
    assert not (tmp_path / "mistyped").exists()


def test_parent_that_is_a_file_is_named(tmp_path: Path) -> None:
    """A path below a file is refused in one line."""
    (tmp_path / "file").write_text("")

    with pytest.raises(HomeUnusable, match="there is no folder"):
        open_home(tmp_path / "file" / "home")


def test_missing_home_is_not_made_where_it_is_only_read(tmp_path: Path) -> None:
    """create=False says that there is none."""
    with pytest.raises(HomeUnusable, match="There is no home at"):
        open_home(tmp_path / "home", create=False)
    assert not (tmp_path / "home").exists()


def test_newer_home_is_refused_untouched(tmp_path: Path) -> None:
    """A home of a newer version is not written to."""
    home = open_home(tmp_path / "home")
    (home.path / "version").write_text(f"{LAYOUT_VERSION + 1}\n")
    before = {entry.name: entry.stat().st_mtime_ns for entry in home.path.iterdir()}

    with pytest.raises(HomeIsNewer, match="use a newer Patchdeck"):
        open_home(tmp_path / "home")
    assert {entry.name: entry.stat().st_mtime_ns for entry in home.path.iterdir()} == before


def test_version_that_is_no_number_is_refused(tmp_path: Path) -> None:
    """A damaged marker is not guessed at."""
    home = open_home(tmp_path / "home")
    (home.path / "version").write_bytes(b"\xff\x00")

    with pytest.raises(HomeUnusable, match="does not hold a version number"):
        open_home(tmp_path / "home")


def test_kernel_folders_are_refused(tmp_path: Path) -> None:
    """Where root may do everything and still can make no folder, the reason is told."""
    del tmp_path
    with pytest.raises(HomeUnusable, match="Cannot use /proc/self/home as home"):
        open_home(Path("/proc/self/home"))


# Opens a home, and says why it is not changed.
_OPEN = """
import sys
from pathlib import Path
from ops.home import open_home
from ops.permission import refusal
print(refusal(open_home(Path(sys.argv[1])).path), file=sys.stderr)
"""


def _open_in_namespace(home: Path, *unshare: str) -> str:
    """The last line that opening ``home`` says, in namespaces of its own."""
    namespace = ["unshare", "--user", *unshare]
    if subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this kernel lets nobody make these namespaces")
    done = subprocess.run([*namespace, sys.executable, "-c", _OPEN, home], capture_output=True, text=True, check=False)
    return done.stderr.splitlines()[-1]


def test_read_only_file_system_is_only_read_by_root_too(tmp_path: Path) -> None:
    """Permissions do not bind root, a read-only mount does: the home is opened, and not changed."""
    home = open_home(tmp_path / "home").path
    mount = f'mount --bind "{home}" "{home}" && mount -o remount,bind,ro "{home}" && exec "$0" "$@"'

    told = _open_in_namespace(home, "--mount", "--map-root-user", "sh", "-c", mount)

    assert told.endswith(f"the home {home} is not yours to change, you can only read it")


@pytest.mark.parametrize(
    ("mode", "says"),
    [(0o500, "is not yours to change, you can only read it"), (0o200, "as home: it is not readable for you.")],
)
def test_folder_without_permission_is_not_changed(tmp_path: Path, mode: int, says: str) -> None:
    """Without a map of users, permissions bind root as well: what can be read is read, all else is refused."""
    home = open_home(tmp_path / "home").path
    home.chmod(mode)

    told = _open_in_namespace(home)

    assert str(home) in told
    assert told.endswith(says)


@pytest.mark.parametrize("name", ["fleet[1]", "fleet%20one"])
def test_path_that_the_tables_cannot_have_is_refused(tmp_path: Path, name: str) -> None:
    """deltalake panics at brackets and reads %20 as a space: such a home is refused before anything is made."""
    with pytest.raises(HomeUnusable, match="cannot be in its path"):
        open_home(tmp_path / name)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["my fleet", "Flotte-Zürich", "a#b?c"])
def test_other_paths_hold_tables(tmp_path: Path, name: str) -> None:
    """Spaces, letters of any language and signs that mean something in URLs are no obstacle."""
    assert open_home(tmp_path / name).path == tmp_path / name


def test_version_of_any_length_is_a_newer_one(tmp_path: Path) -> None:
    """Python refuses to read numbers of more than 4300 digits."""
    home = open_home(tmp_path / "home")
    (home.path / "version").write_text("9" * 6000)

    with pytest.raises(HomeIsNewer):
        open_home(home.path)
