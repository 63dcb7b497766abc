"""The packages that exist only in the lab: each one is a situation that a package manager can be in."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.lab.builder.commands import run
from tests.lab.builder.recipe import USER

MAIN, UPDATES, SECURITY, ACME, NOWHERE = "main", "updates", "security", "acme", "nowhere"


@dataclass(frozen=True, slots=True)
class Package:
    """One version of one package in one suite. ``fields`` are further control fields, ``postinst`` a shell script.

    ``conffile`` is the text of its configuration file, /etc/NAME.conf; without it there is none. ``question`` is asked
    through debconf, at the highest priority; its answer is kept in /var/lib/NAME.answer.
    """

    name: str
    version: str
    suite: str = MAIN
    architecture: str = "all"
    fields: tuple[str, ...] = ()
    postinst: str = ""
    conffile: str = ""
    question: str = ""


# Its installation ends when somebody says so, at the latest after two minutes.
_WAITS = """echo 'waiting for /run/go-on'
seconds=0
until [ -e /run/go-on ] || [ "$seconds" -ge 120 ]; do sleep 1; seconds=$((seconds + 1)); done"""
_WANTS_REBOOT = """echo '*** System restart required ***' >/run/reboot-required
echo acme-wants-reboot >>/run/reboot-required.pkgs"""
_REBOOTS_ONCE = "[ -e /var/tmp/rebooted-once ] || { touch /var/tmp/rebooted-once; shutdown -r now; sleep 60; }"
_KILLS_DPKG_ONCE = "[ -e /var/tmp/killed-once ] || { touch /var/tmp/killed-once; kill -9 $PPID; sleep 1; }"


def _updated(name: str, old: str, new: str, suite: str, *fields: str) -> tuple[Package, Package]:
    return Package(name, old), Package(name, new, suite, fields=fields)


PACKAGES: tuple[Package, ...] = (
    # Plain updates.
    *_updated("acme-lib", "1.0-1", "1.0-1+deb12u1", SECURITY),
    *_updated("acme-libstdc++6", "12.2-1", "12.2-1+deb12u1", SECURITY),
    *_updated("acme-epoch", "1:2.0-1", "2:1.0-1", SECURITY),
    *_updated("acme-tool", "1.0-1", "1.1-1", UPDATES),
    *_updated("acme-security-tools", "1.0-1", "1.1-1", UPDATES),
    # Fixed in security, newer in updates: a security update only for who has less than the fix.
    Package("acme-both", "1.0-1"),
    Package("acme-both", "1.0-1+deb12u1", SECURITY),
    Package("acme-both", "1.2-1", UPDATES),
    Package("acme-fixed", "1.0-1+deb12u1"),
    Package("acme-fixed", "1.0-1+deb12u1", SECURITY),
    Package("acme-fixed", "1.2-1", UPDATES),
    # Two architectures of one package.
    *(
        Package("acme-multi", version, suite, architecture, ("Multi-Arch: same",))
        for version, suite in (("1.0-1", MAIN), ("1.0-1+deb12u1", SECURITY))
        for architecture in ("amd64", "i386")
    ),
    # Offered, but an ordinary upgrade leaves them.
    *_updated("acme-held", "1.0-1", "1.0-1+deb12u1", SECURITY),
    *_updated("acme-pinned", "1.0-1", "1.1-1", UPDATES),
    *_updated("acme-phased", "1.0-1", "1.1-1", UPDATES, "Phased-Update-Percentage: 0"),
    *_updated("acme-newdep", "1.0-1", "1.1-1", UPDATES, "Depends: acme-newlib"),
    Package("acme-newlib", "1.0-1", UPDATES),
    *_updated("acme-remover", "1.0-1", "1.0-1+deb12u1", SECURITY, "Conflicts: acme-old"),
    Package("acme-old", "1.0-1"),
    *_updated("acme-keptback", "1.0-1", "1.1-1", UPDATES, "Depends: acme-not-published (>= 9)"),
    # From elsewhere.
    Package("acme-agent", "1.0", NOWHERE),
    Package("acme-agent", "1.1", ACME),
    Package("acme-local", "1.0", NOWHERE),
    # Broken when they are installed.
    Package("acme-broken", "1.0-1", NOWHERE, fields=("Depends: acme-not-published",)),
    Package("acme-unpacked", "1.0-1", NOWHERE),
    Package("acme-postinst-fails", "1.0-1", NOWHERE, postinst="echo 'this postinst fails' >&2; exit 1"),
    Package("acme-dpkg-killer", "1.0-1", NOWHERE, postinst="kill -9 $PPID; sleep 1"),
    # Updates that make trouble while they are installed: for jobs.
    Package("acme-fails", "1.0-1"),
    Package("acme-fails", "1.1-1", UPDATES, postinst="echo 'this update fails' >&2; exit 1"),
    Package("acme-waits", "1.0-1"),
    Package("acme-waits", "1.1-1", UPDATES, postinst=_WAITS),
    Package("acme-daemon", "1.0-1"),
    Package("acme-daemon", "1.1-1", UPDATES, postinst="echo 'starting'; sleep 300 &"),
    Package("acme-asks", "1.0-1"),
    Package("acme-asks", "1.1-1", UPDATES, postinst="echo 'Go on? '; read -r answer || :; read -r more </dev/tty || :"),
    Package("acme-conffile", "1.0-1", conffile="colour = red\n"),
    Package("acme-conffile", "1.1-1", UPDATES, conffile="colour = blue\n"),
    Package("acme-kills-dpkg", "1.0-1"),
    Package("acme-kills-dpkg", "1.1-1", UPDATES, postinst=_KILLS_DPKG_ONCE),
    Package("acme-prints", "1.0-1"),
    Package("acme-prints", "1.1-1", UPDATES, postinst=r"printf 'caf\351 \033[31mred\033[0m \000 end\n'"),
    Package("acme-floods", "1.0-1"),
    Package("acme-floods", "1.1-1", UPDATES, postinst="yes 'a flood of words' | head -c 5000000"),
    Package("acme-kills-ssh", "1.0-1"),
    Package("acme-kills-ssh", "1.1-1", UPDATES, postinst=f"pkill -9 -f '^sshd: {USER}' || :"),
    Package("acme-wants-reboot", "1.0-1"),
    Package("acme-wants-reboot", "1.1-1", UPDATES, postinst=_WANTS_REBOOT),
    Package("acme-reboots", "1.0-1"),
    Package("acme-reboots", "1.1-1", UPDATES, postinst=_REBOOTS_ONCE),
    Package("acme-question", "1.0-1"),
    Package("acme-question", "1.1-1", UPDATES, question="Which colour?"),
    *_updated("acme-app", "1.0-1", "1.1-1", UPDATES, "Depends: acme-tool (>= 1.1-1)"),
    *_updated("acme-zeal", "1.0-1", "1.1-1", UPDATES),
    # In the index, but not as what the repository then gives: see `repositories`.
    *_updated("acme-gone", "1.0-1", "1.1-1", UPDATES),
    *_updated("acme-corrupt", "1.0-1", "1.1-1", UPDATES),
)
_CONFMODULE = ". /usr/share/debconf/confmodule"


def build_pool(pool: Path, packages: tuple[Package, ...] = PACKAGES) -> None:
    """Every package as ``pool/SUITE/NAME_ARCHITECTURE.deb``; there is one version of a package in a suite."""
    tree = pool / "tree"
    for package in packages:
        _write(package, tree)
        target = pool / package.suite / f"{package.name}_{package.architecture}.deb"
        target.parent.mkdir(parents=True, exist_ok=True)
        run("dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", tree, target)
        shutil.rmtree(tree)


def _write(package: Package, tree: Path) -> None:
    control = tree / "DEBIAN"
    control.mkdir(parents=True)
    (control / "control").write_text(_control(package))
    if package.conffile:
        (tree / "etc").mkdir()
        (tree / f"etc/{package.name}.conf").write_text(package.conffile)
        (control / "conffiles").write_text(f"/etc/{package.name}.conf\n")
    postinst = package.postinst
    if package.question:
        variable = f"{package.name}/answer"
        (control / "templates").write_text(
            f"Template: {variable}\nType: select\nChoices: red, blue\nDefault: blue\nDescription: {package.question}\n"
        )
        _write_script(control / "config", f"{_CONFMODULE}\ndb_input critical {variable} || :\ndb_go || :")
        postinst = f'{_CONFMODULE}\ndb_get {variable}\necho "$RET" >/var/lib/{package.name}.answer'
    if postinst:
        _write_script(control / "postinst", postinst)


def _write_script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def _control(package: Package) -> str:
    lines = (
        f"Package: {package.name}",
        f"Version: {package.version}",
        f"Architecture: {package.architecture}",
        "Maintainer: The lab <lab@example.invalid>",
        *package.fields,
        "Description: a package of the lab",
    )
    return "\n".join(lines) + "\n"
