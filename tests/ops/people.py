"""Real users and groups of this host for a test, made and removed by root; and processes that act as them."""

import json
import os
import platform
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
_SECONDS = 60
_TOOLS = ("useradd", "userdel", "groupadd", "groupdel", "gpasswd", "setpriv")


class Ended(NamedTuple):
    """How a verb ended."""

    code: int
    out: str
    err: str


@dataclass(slots=True)
class Person:
    """A user of this host. ``mask`` is their umask, in octal digits."""

    name: str
    place: Path
    mask: str = "022"
    process: subprocess.Popen[str] | None = field(default=None)

    def patchdeck(self, *arguments: str, code: int = 0) -> Ended:
        """Runs a verb as this user on the home of the place, and checks how it ended."""
        if self.process is None:
            self.process = self.start([str(ROOT / "tests" / "ops" / "acting_process.py"), self.mask])
        if self.process.stdin is None or self.process.stdout is None:
            raise LookupError("both are pipes")
        self.process.stdin.write(json.dumps(["--home", str(self.place / "home"), *arguments]) + "\n")
        self.process.stdin.flush()
        ended = Ended(*json.loads(self.process.stdout.readline()))
        assert "Traceback" not in ended.err
        assert ended.code == code, f"{self.name}: {ended}"
        return ended

    def start(self, arguments: list[str]) -> subprocess.Popen[str]:
        """A Python of this user with their groups as they are now."""
        command = ["setpriv", f"--reuid={self.name}", f"--regid={self.name}", "--init-groups", find_python()]
        path = os.pathsep.join([str(ROOT), *(each for each in sys.path if "site-packages" in each)])
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.place / self.name), "PYTHONPATH": path}
        return subprocess.Popen(
            [*command, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
            cwd="/",
        )

    def run_code(self, code: str) -> str:
        """What Python prints that runs ``code`` as this user."""
        process = self.start(["-c", code])
        out, _ = process.communicate(timeout=_SECONDS)
        assert process.returncode == 0
        return out

    def end(self) -> None:
        """Ends the process."""
        if self.process is not None:
            self.process.communicate(timeout=_SECONDS)
            self.process = None


@dataclass(frozen=True, slots=True)
class Team:
    """The people of a shared home in ``place``, and the groups that roles are given to."""

    place: Path
    owner: Person
    viewer: Person
    operator: Person
    admin: Person
    outsider: Person

    @property
    def home(self) -> Path:
        """The home that they share."""
        return self.place / "home"

    def group(self, person: Person) -> str:
        """The group of a role that ``person`` is in."""
        return f"{person.name}s"


def why_no_people() -> str:
    """Why there can be no users for tests here, empty if there can."""
    if os.geteuid() != 0:
        return "only root makes users"
    if lacking := [tool for tool in _TOOLS if shutil.which(tool) is None]:
        return f"there is no {lacking[0]}"
    return "" if find_python() else "no Python of this version that other users can run"


def find_python() -> str:
    """A Python of this version that everybody can run; empty if there is none."""
    version = ".".join(platform.python_version_tuple()[:2])
    return next((path for path in (sys.executable, f"/usr/bin/python{version}") if _is_for_all(Path(path))), "")


def _is_for_all(path: Path) -> bool:
    real = path.resolve()
    return real.exists() and all(folder.stat().st_mode & 0o001 for folder in (real, *real.parents))


@contextmanager
def made_team() -> Iterator[Team]:
    """A team of users, removed at the end with all that is theirs."""
    word, place = f"pd{secrets.token_hex(3)}", Path(tempfile.mkdtemp(prefix="patchdeck-team-"))
    place.chmod(0o755)
    names = ("owner", "viewer", "operator", "admin", "outsider")
    masks = {"viewer": "000", "operator": "000", "admin": "077"}
    people = {name: Person(f"{word}{name[:4]}", place, masks.get(name, "022")) for name in names}
    try:
        for person in people.values():
            _run("useradd", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", person.name)
            (place / person.name).mkdir()
            shutil.chown(place / person.name, person.name, person.name)
        for name in ("viewer", "operator", "admin"):
            _run("groupadd", f"{people[name].name}s")
            _run("gpasswd", "--add", people[name].name, f"{people[name].name}s")
        shutil.chown(place, people["owner"].name)
        yield Team(place, **people)
    finally:
        for person in people.values():
            person.end()
            # A service that has let its lease go may be a moment from its end, for which userdel would leave the user.
            subprocess.run(["userdel", "--force", person.name], check=False, capture_output=True, timeout=_SECONDS)
            subprocess.run(["groupdel", f"{person.name}s"], check=False, capture_output=True, timeout=_SECONDS)
        shutil.rmtree(place, ignore_errors=True)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
