"""What the lab needs of the machine that it runs on, and what it learns from it."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass

from tests.lab.builder.recipe import SUITE

_TOOLS = (
    "apt-ftparchive", "debootstrap", "dpkg-deb", "gpg", "mount", "nsenter", "ssh", "ssh-keygen", "unshare",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mirror:
    """Where Debian is fetched from, and apt's settings (proxies) for getting there."""

    debian: str
    security: str
    settings: tuple[str, ...] = ()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names that the machines' sources will hold."""
        return tuple(sorted({re.sub(r"^\w+://([^/:]+).*", r"\1", uri) for uri in (self.debian, self.security)}))

    @property
    def http_proxy(self) -> str:
        """The proxy for plain HTTP, or nothing."""
        found = [line.partition("=")[2] for line in self.settings if line.lower().startswith("acquire::http::proxy=")]
        return found[0] if found else ""


def reasons_it_cannot_run() -> list[str]:
    """Why no lab can be built here, one sentence each; empty where it can."""
    reasons = []
    if os.geteuid() != 0:
        reasons.append("the lab needs root: it mounts file systems and makes namespaces")
    if missing := [tool for tool in _TOOLS if shutil.which(tool) is None]:
        reasons.append(f"these tools are missing: {', '.join(missing)} (tests/lab/packages.txt)")
    if not reasons and not _namespaces_work():
        reasons.append("this machine does not let root make mount, process and time namespaces")
    return reasons


def find_mirror() -> Mirror:
    """The Debian mirror and the proxies that this host's apt is set to use; Debian's own where it has none."""
    listed = _ask("apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Created-By: Packages")
    by_suite = {suite: uri.rstrip("/") for uri, _, suite in (line.partition(" ") for line in listed.splitlines())}
    plain = {suite: uri for suite, uri in by_suite.items() if uri.startswith(("http://", "https://"))}
    wanted = re.compile(r'^(Acquire::https?::Proxy\S*) "(.+)";$', re.IGNORECASE)
    proxies = [wanted.match(line) for line in _ask("apt-config", "dump").splitlines()]
    return Mirror(
        debian=plain.get(SUITE, "http://deb.debian.org/debian"),
        security=plain.get(f"{SUITE}-security", "http://deb.debian.org/debian-security"),
        settings=tuple(f"{found[1]}={found[2]}" for found in proxies if found),
    )


def _ask(*argv: str) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60).stdout


def _namespaces_work() -> bool:
    argv = ("unshare", "-m", "-u", "-i", "-p", "-T", "-f", "--mount-proc", "true")
    return subprocess.run(argv, capture_output=True, check=False, timeout=30).returncode == 0
