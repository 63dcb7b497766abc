"""The lab's signed repositories: apt-ftparchive's indices over the pool, and the Release files of their owners."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.lab.builder.commands import run
from tests.lab.builder.packages import ACME, MAIN, SECURITY, UPDATES
from tests.lab.builder.recipe import REPOSITORY_PORT


@dataclass(frozen=True, slots=True)
class Repository:
    """One suite that is served: ``path`` under the web root, the suite of the pool in it, and its Release fields."""

    path: str
    distribution: str
    pool_suite: str
    origin: str
    label: str
    suite: str
    codename: str
    version: str = "12.0"
    age: timedelta = timedelta()
    signed_by: str = "lab"


def _debian(path: str, distribution: str, pool_suite: str, label: str, suite: str) -> Repository:
    return Repository(path, distribution, pool_suite, "Debian", label, suite, distribution)


_BOOKWORM = _debian("debian", "bookworm", MAIN, "Debian", "oldstable")
_UPDATES = _debian("debian", "bookworm-updates", UPDATES, "Debian", "oldstable-updates")
_SECURITY = _debian("debian-security", "bookworm-security", SECURITY, "Debian-Security", "oldstable-security")
_OLD = timedelta(days=200)

# What a stranger's Release file may hold; it ends up beside the updates on somebody's terminal.
HOSTILE_LABEL = "[bold]Acme\x1b[31m \x1b]0;owned\x07=cmd|' /C calc'!A0"

REPOSITORIES: tuple[Repository, ...] = (
    _BOOKWORM,
    _UPDATES,
    _SECURITY,
    Repository("acme", "stable", ACME, "Acme Corp", "Acme Corp", "stable", "stable", version=""),
    Repository("hostile", "stable", ACME, "Acme", HOSTILE_LABEL, "stable", "stable", version=""),
    Repository("unsigned-for-us", "stable", ACME, "Acme", "Acme", "stable", "stable", version="", signed_by="stranger"),
    *(
        Repository(f"stale/{r.path}", r.distribution, r.pool_suite, r.origin, r.label, r.suite, r.codename, age=_OLD)
        for r in (_BOOKWORM, _UPDATES, _SECURITY)
    ),
)


def publish(web_root: Path, pool: Path, keyring: Path) -> None:
    """All `REPOSITORIES` under ``web_root``, of the packages in ``pool``; the lab's public key goes to ``keyring``."""
    homes = {name: _make_key(web_root.parent / f"gpg-{name}", name) for name in ("lab", "stranger")}
    keyring.write_bytes(_gpg(homes["lab"], "--export"))
    for repository in REPOSITORIES:
        _publish(web_root / repository.path, pool, repository, homes[repository.signed_by])
    for home in homes.values():
        run("gpgconf", "--homedir", home, "--kill", "all")
        run("rm", "-rf", home)


def serve(web_root: Path, address: str) -> ThreadingHTTPServer:
    """The repositories over HTTP on ``address``, in a thread; ``shutdown()`` ends it."""
    server = ThreadingHTTPServer((address, REPOSITORY_PORT), partial(_QuietHandler, directory=str(web_root)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        return


def _publish(root: Path, pool: Path, repository: Repository, gpg_home: Path) -> None:
    debs = root / "pool" / repository.pool_suite
    debs.mkdir(parents=True, exist_ok=True)
    for deb in (pool / repository.pool_suite).iterdir():
        if not (debs / deb.name).exists():
            (debs / deb.name).hardlink_to(deb)
    dist = root / "dists" / repository.distribution
    for architecture in ("amd64", "i386"):
        index = dist / "main" / f"binary-{architecture}"
        index.mkdir(parents=True)
        found = run("apt-ftparchive", "--arch", architecture, "packages", f"pool/{repository.pool_suite}", cwd=root)
        (index / "Packages").write_bytes(found)
    sums = run("apt-ftparchive", "-qq", "release", dist).decode()
    release = _release_fields(repository) + sums[sums.index("MD5Sum:") :]
    (dist / "Release").write_text(release)
    _spoil(debs)
    _gpg(gpg_home, "--clearsign", "--output", str(dist / "InRelease"), str(dist / "Release"))


def _spoil(debs: Path) -> None:
    """Of what the index lists one package is gone, and another has its size but not its content."""
    (debs / "acme-gone_all.deb").unlink(missing_ok=True)
    corrupt = debs / "acme-corrupt_all.deb"
    if corrupt.exists():
        size = corrupt.stat().st_size
        corrupt.unlink()  # the pool has another name for the same file
        corrupt.write_bytes(bytes(size))


def _release_fields(repository: Repository) -> str:
    date = (datetime.now(UTC) - repository.age).strftime("%a, %d %b %Y %H:%M:%S UTC")
    version = f"Version: {repository.version}\n" if repository.version else ""
    return (
        f"Origin: {repository.origin}\nLabel: {repository.label}\nSuite: {repository.suite}\n{version}"
        f"Codename: {repository.codename}\nDate: {date}\nArchitectures: amd64 i386\nComponents: main\n"
    )


def _make_key(home: Path, name: str) -> Path:
    home.mkdir(mode=0o700)
    _gpg(home, "--quick-generate-key", f"{name} <{name}@example.invalid>", "ed25519", "sign", "never")
    return home


def _gpg(home: Path, *argv: str) -> bytes:
    return run("gpg", "--homedir", home, "--batch", "--quiet", "--yes", "--passphrase", "", *argv)
