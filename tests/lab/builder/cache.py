"""What is kept between runs below `recipe.KEPT_AT`: the base, and generations of package lists with what uses them."""

import fcntl
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.builder.layers import BASE
from tests.lab.builder.recipe import KEPT_AT, LISTS_KEPT_SECONDS, fingerprint, source_of
from tests.lab.builder.userlands import DNF_TOOLS, PACMAN_TOOLS

# A second lab waits for the first one's building at most this long.
_PATIENCE_SECONDS = 600.0
_MAKE_REPOSITORIES = (
    "packages.py", "repositories.py", "layers.py", "build.py",
    "rpms.py", "advisories.py", "rpm_repositories.py", "rocky_packages.py", "suse_packages.py", "arch_packages.py",
    "job_rpms.py",
)  # fmt: skip


@contextmanager
def alone() -> Iterator[None]:
    """The only process that builds, while the block runs.

    Raises:
        TimeoutError: another one has been building for ten minutes.
    """
    KEPT_AT.mkdir(parents=True, exist_ok=True)
    with (KEPT_AT / "building.lock").open("w") as lock:
        _wait_for(lock.fileno())
        yield


def generation_folder() -> Path:
    """The generation to use: the newest one that is not too old, else a new folder; others go if nobody uses them."""
    recipe = fingerprint(BASE.key, DNF_TOOLS.key, PACMAN_TOOLS.key, source_of(*_MAKE_REPOSITORIES))
    found = sorted(KEPT_AT.glob("lists-*"), key=_born_at, reverse=True)
    fresh = [
        folder for folder in found if recipe in folder.name and time.time() - _born_at(folder) < LISTS_KEPT_SECONDS
    ]
    for folder in found:
        if folder not in fresh[:1]:
            _remove_if_unused(folder)
    return fresh[0] if fresh else KEPT_AT / f"lists-{recipe}-{time.time():.0f}"


def remove_dead(generation: Path, wanted: set[str]) -> None:
    """Delete what no machine of the recipe stands on any more, unless a lab that runs may stand on it."""
    with (generation / "users.lock").open("a") as lock:
        if not _try_lock(lock.fileno(), fcntl.LOCK_EX):
            return
        dead = [folder for folder in generation.glob("*-*/") if folder.name not in wanted]
        if list(KEPT_AT.glob("lists-*")) == [generation]:
            lasting = [folder for name in ("base", "*-tools") for folder in KEPT_AT.glob(f"{name}-*/")]
            dead += [folder for folder in lasting if folder.name not in wanted]
        for folder in dead:
            shutil.rmtree(folder)


@contextmanager
def in_use(generation: Path) -> Iterator[None]:
    """Keeps ``generation`` from being removed while the block runs."""
    with (generation / "users.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def _born_at(folder: Path) -> float:
    return float(folder.name.rpartition("-")[2])


def _remove_if_unused(folder: Path) -> None:
    with (folder / "users.lock").open("a") as lock:
        if _try_lock(lock.fileno(), fcntl.LOCK_EX):
            shutil.rmtree(folder)


def _wait_for(descriptor: int) -> None:
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while not _try_lock(descriptor, fcntl.LOCK_EX):
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"another process builds the lab for more than {_PATIENCE_SECONDS:.0f} s")
        time.sleep(0.2)


def _try_lock(descriptor: int, mode: int) -> bool:
    try:
        fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
