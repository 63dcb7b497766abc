"""The layers that machines are made of: Debian's base, then what machines have in common; each built once and kept."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tests.lab.builder.commands import run
from tests.lab.builder.host import Mirror
from tests.lab.builder.recipe import (
    ACME_HOST,
    ARCHIVE_HOST,
    BASE_PACKAGES,
    DOWN_HOST,
    PASSWORD,
    REPOSITORY_PORT,
    SECURITY_HOST,
    SUITE,
    USER,
    fingerprint,
    source_of,
)

_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "DEBIAN_FRONTEND": "noninteractive",
    "LC_ALL": "C.UTF-8",
    "HOME": "/root",
}

_FINISH_BASE = f"""
useradd -m -s /bin/bash {USER}
echo '{USER}:{PASSWORD}' | chpasswd
install -d -m 700 -o {USER} -g {USER} /home/{USER}/.ssh
localedef -i de_DE -f UTF-8 de_DE.UTF-8
rm -f /etc/ssh/ssh_host_* /etc/machine-id /var/cache/apt/archives/*.deb
rm -rf /var/lib/apt/lists/* /etc/apt/sources.list
# debootstrap takes the host's resolver along; a machine of the lab asks nobody.
for file in hosts resolv.conf machine-id; do : >/etc/$file; done
mkdir -p /etc/ssl/certs
printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
cat >/usr/bin/systemctl <<'STUB'
#!/bin/sh
echo "System has not been booted with systemd as init system (PID 1). Can't operate." >&2
exit 1
STUB
chmod 755 /usr/bin/systemctl
"""

# `from_pool SUITE NAME…` installs packages of the lab straight from the pool, as if they had been installed long ago;
# `login_shell` gives the lab's user the script on its stdin for a shell.
_PRELUDE = f"""
set -eu
from_pool() {{
    suite=$1; shift
    debs=''
    for name; do debs="$debs $(echo /mnt/"$suite"/"$name"_*.deb)"; done
    dpkg -i $debs
}}
login_shell() {{
    cat >/usr/local/bin/shell
    chmod 755 /usr/local/bin/shell
    usermod -s /usr/local/bin/shell {USER}
}}
"""

LAB_SOURCES = f"""
cat >/etc/apt/sources.list.d/debian.sources <<'SOURCES'
Types: deb
URIs: http://{ARCHIVE_HOST}:{REPOSITORY_PORT}/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/lab.gpg

Types: deb
URIs: http://{SECURITY_HOST}:{REPOSITORY_PORT}/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/lab.gpg
SOURCES
cp /mnt/lab.gpg /usr/share/keyrings/lab.gpg
apt-get update
apt-cache policy >/dev/null
"""

_REAL_SOURCES = """
cat >/etc/apt/sources.list.d/debian.sources <<SOURCES
Types: deb
URIs: $DEBIAN
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: $SECURITY
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
apt-get -o APT::Update::Error-Mode=any update
apt-cache policy >/dev/null
"""


@dataclass(frozen=True)
class Layer:
    """What ``script``, run as root in a machine, adds to the layers ``below``.

    A lasting layer outlives the package lists, as the base does: it stands on nothing that holds any.
    """

    name: str
    below: "Layer | None"
    script: str = ""
    needs_mirror: bool = False
    is_lasting: bool = False

    @cached_property
    def key(self) -> str:
        """Changes with whatever the layer is built from."""
        return fingerprint(self.below.key if self.below else source_of("recipe.py"), _PRELUDE, self.script)

    @property
    def folder_name(self) -> str:
        """The name that the layer is kept under."""
        return f"{self.name}-{self.key}"

    @property
    def lower(self) -> tuple["Layer", ...]:
        """The layer and all below it, topmost first, as overlayfs wants them."""
        return (self, *(self.below.lower if self.below else ()))


BASE = Layer("base", None, _FINISH_BASE, needs_mirror=True, is_lasting=True)
ARCHIVE = Layer("archive", BASE, LAB_SOURCES)
BEHIND = Layer("behind", BASE, _REAL_SOURCES, needs_mirror=True)
CURRENT = Layer("current", BEHIND, "apt-get -y -q dist-upgrade && apt-get clean && apt-cache policy", needs_mirror=True)


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds layers below ``folder``; to be used in a mount namespace that ends with the building.

    ``pool`` holds the lab's packages and its public key, ``address`` is where its repositories are served meanwhile.
    """

    folder: Path
    pool: Path
    address: str
    mirror: Mirror

    def path(self, layer: Layer) -> Path:
        """Where ``layer`` is kept."""
        return layer_path(layer, self.folder)

    def build(self, layer: Layer) -> bool:
        """Build ``layer`` and what it stands on, where they are not there yet; whether anything had to be built."""
        if self.path(layer).exists():
            return False
        if layer.below:
            self.build(layer.below)
        partial = self.path(layer).with_name(f".partial-{layer.folder_name}")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        self._build_on_top(layer, partial) if layer.below else self._build_base(partial)
        partial.rename(self.path(layer))
        return True

    def run_on(self, layer: Layer, script: str) -> None:
        """Run ``script`` on top of ``layer``, and forget all that it changed but below /mnt."""
        self.build(layer)
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=".workshop-") as folder:
            upper = Path(folder) / "upper"
            upper.mkdir()
            self._build_on_top(Layer(layer.name, layer, script), upper)

    def _build_base(self, root: Path) -> None:
        environment = os.environ | ({"http_proxy": self.mirror.http_proxy} if self.mirror.http_proxy else {})
        packages = f"--include={','.join(BASE_PACKAGES)}"
        run("debootstrap", "--variant=minbase", packages, SUITE, root, self.mirror.debian, env=environment,
            timeout_seconds=900)  # fmt: skip
        self._run_inside(BASE, root)

    def _build_on_top(self, layer: Layer, upper: Path) -> None:
        work, root = upper.with_name(f"{upper.name}.work"), upper.with_name(f"{upper.name}.root")
        for folder in (work, root):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        lower = [self.path(below) for below in layer.lower[1:]]
        with mounted("-t", "overlay", "overlay", "-o", overlay_options(lower, upper, work), at=root):
            self._run_inside(layer, root)
        shutil.rmtree(work)
        root.rmdir()

    def _run_inside(self, layer: Layer, root: Path) -> None:
        environment = {**_ENVIRONMENT, "DEBIAN": self.mirror.debian, "SECURITY": self.mirror.security}
        with ExitStack() as mounts:
            mounts.enter_context(mounted("-t", "proc", "proc", at=root / "proc"))
            mounts.enter_context(mounted("--bind", "/dev", at=root / "dev"))
            mounts.enter_context(mounted("--bind", self.pool, at=root / "mnt"))
            if layer.below:
                environment["APT_CONFIG"] = f"/mnt/{layer.folder_name}.conf"
                for source, target in self._files_for_apt(layer):
                    mounts.enter_context(mounted("--bind", source, at=root / target))
            run("chroot", root, "sh", "-c", _PRELUDE + layer.script, env=environment, timeout_seconds=600)

    def _files_for_apt(self, layer: Layer) -> tuple[tuple[Path, str], ...]:
        """The host's way to its mirror for layers that need it; the others reach nothing but the lab."""
        outside = layer.needs_mirror
        hosts, settings = (self.pool / f"{layer.folder_name}.{kind}" for kind in ("hosts", "conf"))
        hosts.write_text(hosts_file(self.address, () if outside else self.mirror.hosts))
        proxies = [f'{name} "{value}";\n' for name, _, value in (s.partition("=") for s in self.mirror.settings)]
        settings.write_text("".join(proxies) if outside else "")
        resolver = Path("/etc/resolv.conf" if outside else "/dev/null")
        certificates = Path("/etc/ssl/certs")
        return (hosts, "etc/hosts"), (resolver, "etc/resolv.conf"), (certificates, "etc/ssl/certs")


def layer_path(layer: Layer, folder: Path) -> Path:
    """Where ``layer`` is kept: in ``folder``, but for those that outlive the package lists."""
    return (folder.parent if layer.is_lasting else folder) / layer.folder_name


def overlay_options(lower: list[Path], upper: Path, work: Path) -> str:
    """The options of an overlay mount; ``lower`` is topmost first."""
    return f"lowerdir={':'.join(map(str, lower))},upperdir={upper},workdir={work}"


def hosts_file(repositories_at: str, lost: tuple[str, ...] = (), down_at: str = "127.0.0.1") -> str:
    """/etc/hosts of a machine: its repositories on loopback; the names ``lost`` lead nowhere outside."""
    served = f"{repositories_at} {ARCHIVE_HOST} {SECURITY_HOST} {ACME_HOST}"
    return f"127.0.0.1 localhost\n{served}\n{down_at} {' '.join((DOWN_HOST, *lost))}\n"


@contextmanager
def mounted(*options: str | Path, at: Path) -> Iterator[None]:
    """A mount for as long as the block runs."""
    run("mount", *options, at)
    try:
        yield
    finally:
        run("umount", "--lazy", at)
