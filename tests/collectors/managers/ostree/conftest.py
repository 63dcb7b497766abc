"""Answers of immutable systems: captured outputs in the frame of the probe."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.managers.manager import MachineContext

CAPTURES = Path(__file__).parents[2] / "captures"
_RELEASE = 'NAME="Fedora Linux"\nID=fedora\nVERSION_ID=38\nPRETTY_NAME="Fedora Linux 38 (Silverblue)"\n'
_PACKAGES = "curl\t7.87.0-7.fc38\tx86_64\tcurl-7.87.0-7.fc38.src.rpm\n"


@pytest.fixture(scope="session")
def context() -> MachineContext:
    """What the manager is told of the machine."""
    return MachineContext(now=datetime(2026, 11, 22, 21, 0, tzinfo=UTC), families=("fedora",))


@pytest.fixture(scope="session")
def frame() -> Callable[..., str]:
    """A whole answer: ``frame(status="ostree/silverblue-38.json", bootc=None, status_exit=0)``; the sections of Linux
    are those of a captured machine.
    """
    linux = (CAPTURES / "zypper/leap-15-root.txt").read_text(encoding="utf-8").partition("\n@MARKER@ begin zypper-")[0]
    before, release, rest = linux.partition("begin os-release\n")
    _, end, after = rest.partition("\n@MARKER@ end 0\n")
    linux = before + release + _RELEASE + end + after
    linux = linux.replace(
        "apt-get\ndpkg-query\ndnf\nzypper\ndpkg-database\n", "dnf\nrpm-ostree\nbootc\nostree-booted\n"
    )

    def build(
        status: str | None = None, bootc: str | None = None, *, status_exit: int = 0, refresh_exit: int | None = None
    ) -> str:
        parts = [linux]
        if refresh_exit is not None:
            parts.append(_section("ostree-refresh", "", refresh_exit))
        if status is not None:
            parts.append(_section("ostree-status", _text(status), status_exit))
        if bootc is not None:
            parts.append(_section("ostree-bootc", _text(bootc), 0))
        parts.append(_section("ostree-packages", _PACKAGES, 0))
        return "".join([*parts, "\n@MARKER@ end-answer 1795381200\n"])

    return build


def _text(name: str) -> str:
    return (CAPTURES / name).read_text(encoding="utf-8") if name.endswith(".json") else name


def _section(name: str, text: str, exit_status: int) -> str:
    return f"\n@MARKER@ begin {name}\n{text}\n@MARKER@ end {exit_status}\n"
