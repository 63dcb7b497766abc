"""The Debian machines of the lab: each one a situation, in a few lines of what makes it so.

``prepare`` runs once, when the machine's layer is built (as root, with the lab's repositories up and the packages
in /mnt); ``boot`` runs at every start, inside the machine, before its sshd.
"""

from tests.lab.builder.layers import BEHIND, CURRENT, LAB_SOURCES, Layer
from tests.lab.builder.recipe import ACME_HOST, REPOSITORY_PORT, SECURITY_HOST, USER
from tests.lab.builder.situations import CLOCK_AHEAD, GERMAN, NOISY, SUDO_FOR_ALL, daemon, holds_lock, sudo
from tests.lab.builder.specs import Door, HostKey, MachineSpec
from tests.lab.builder.userlands import DNF_TOOLS

PENDING = "from_pool main acme-lib acme-libstdc++6 acme-epoch acme-tool acme-security-tools acme-both acme-fixed"
_BLOCKED = "acme-held acme-pinned acme-phased acme-newdep acme-remover acme-old acme-keptback acme-tool"
_LISTS = "/var/lib/apt/lists"
_SOURCES = "/etc/apt/sources.list.d/debian.sources"
_LOCK = daemon("unattended-upgr", holds_lock("/var/lib/dpkg/lock-frontend"))


def _source(path: str) -> tuple[str, ...]:
    entry = f"deb [signed-by=/usr/share/keyrings/lab.gpg] http://{ACME_HOST}:{REPOSITORY_PORT}/{path} stable main"
    return f"echo '{entry}' >/etc/apt/sources.list.d/acme.list", "apt-get update || true"


def _login_shell(*lines: str) -> tuple[str, ...]:
    return "login_shell <<'SHELL'", "#!/bin/sh", *lines, "SHELL"


HAPPY: tuple[MachineSpec, ...] = (
    MachineSpec("current", "real Debian, nothing pending", below=CURRENT),
    MachineSpec("behind", "real Debian, with the security updates that are pending today", below=BEHIND),
    MachineSpec("empty", "only the lab's repositories, nothing of them installed"),
    MachineSpec("pending", "security and ordinary updates, an epoch, a fix between two versions", prepare=(PENDING,)),
    MachineSpec(
        "blocked",
        "held, pinned, phased, kept back, in need of new packages and of removals",
        prepare=(
            f"from_pool main {_BLOCKED}",
            "apt-mark hold acme-held",
            r"printf 'Package: acme-pinned\nPin: version 1.0-1\nPin-Priority: 1001\n' >/etc/apt/preferences.d/acme",
        ),
    ),
    MachineSpec(
        "reboot",
        "a reboot is required, by two packages",
        prepare=(PENDING,),
        boot=(
            "echo '*** System restart required ***' >/run/reboot-required",
            r"printf 'linux-image-amd64\nacme-lib\n' >/run/reboot-required.pkgs",
        ),
    ),
    MachineSpec(
        "german",
        "a German locale, set by PAM and again by the shell",
        prepare=(
            PENDING,
            *GERMAN,
        ),
    ),
    MachineSpec("tcsh", "a login shell that is not POSIX", prepare=(PENDING, f"usermod -s /bin/tcsh {USER}")),
    MachineSpec(
        "noisy",
        "a .bashrc that talks on both streams and leaves a line unfinished",
        prepare=(PENDING, NOISY),
    ),
    MachineSpec(
        "third-party",
        "a repository whose label holds a space, and a package of no repository",
        prepare=(*_source("acme"), "from_pool nowhere acme-agent acme-local"),
    ),
    MachineSpec(
        "multiarch",
        "one package in two architectures",
        prepare=("dpkg --add-architecture i386", "apt-get update", "from_pool main acme-multi"),
    ),
    MachineSpec(
        "hostile-text",
        "escape sequences, markup, formulas and bytes that are not UTF-8, wherever a stranger may write",
        prepare=(
            *_source("hostile"),
            "from_pool nowhere acme-agent",
            "rm /etc/os-release",
            r"""printf 'ID=debian\nVERSION_ID="12"\n' >/etc/os-release""",
            r"""printf 'PRETTY_NAME="[red]\033[31m=cmd|calc\377\376 Debian"\n' >>/etc/os-release""",
        ),
    ),
    MachineSpec(
        "with-dnf",
        "dnf and rpm are installed beside apt, as tools",
        below=Layer("archive-with-dnf", DNF_TOOLS, f"rm -rf /etc/apt/sources.list {_LISTS}/*_*\n{LAB_SOURCES}"),
        prepare=(PENDING,),
    ),
    MachineSpec("sudo-free", "sudo without a password", prepare=(PENDING, SUDO_FOR_ALL)),
    MachineSpec(
        "sudo-apt-only",
        "sudo for apt-get and nothing else",
        prepare=(PENDING, sudo("ALL=(root) NOPASSWD: /usr/bin/apt-get")),
    ),
    MachineSpec("sudo-password", "sudo that wants a password", prepare=(PENDING, sudo("ALL=(ALL) ALL"))),
)

UNREACHABLE: tuple[MachineSpec, ...] = (
    MachineSpec("closed", "nothing listens", door=Door.CLOSED),
    MachineSpec("silent", "accepts connections and never says a word", door=Door.SILENT),
    MachineSpec("not-ssh", "a web server at the port of SSH", door=Door.NOT_SSH),
    MachineSpec("half-open", "says its banner and then no more", door=Door.STOPS_AFTER_BANNER),
    MachineSpec("stalls", "the line goes dead in mid-answer", prepare=(PENDING,), door=Door.STALLS),
    MachineSpec("key-changed", "another host key than the known one", host_key=HostKey.CHANGED),
    MachineSpec("key-unknown", "a host key that nobody has accepted", host_key=HostKey.UNKNOWN),
    MachineSpec("login-refused", "does not accept our key", is_key_accepted=False),
    MachineSpec(
        "old-ssh", "offers only what nobody should take", sshd_options=("KexAlgorithms=diffie-hellman-group1-sha1",)
    ),
    MachineSpec("no-shell", "an account without a shell", prepare=(f"usermod -s /usr/sbin/nologin {USER}",)),
    MachineSpec(
        "cut",
        "the session is killed in mid-command",
        prepare=(PENDING, *_login_shell('/bin/sh "$@" | head -c 2000', "kill -9 $PPID")),
    ),
    MachineSpec("flood", "prints 1 GB", prepare=_login_shell("yes flood | head -c 1000000000")),
    MachineSpec("hangs", "a login shell that sleeps for ever", prepare=_login_shell("exec sleep 86400")),
)

UNWELL: tuple[MachineSpec, ...] = (
    MachineSpec("locked", "unattended-upgrades holds dpkg's lock", prepare=(PENDING,), boot=(_LOCK,)),
    MachineSpec(
        "var-full",
        "not a byte is free below /var",
        prepare=(PENDING,),
        boot=(
            "cp -a /var /run/var",
            "mount -t tmpfs -o size=48m,mode=755 tmpfs /var",
            "cp -a /run/var/. /var/",
            "rm -r /run/var",
            "dd if=/dev/zero of=/var/filler bs=4096 2>/dev/null || true",
        ),
    ),
    MachineSpec(
        "interrupted",
        "dpkg was killed in mid-run",
        prepare=(PENDING, "from_pool nowhere acme-dpkg-killer || true"),
    ),
    MachineSpec(
        "half-installed",
        "one package is only unpacked, the script of another has failed",
        prepare=(
            PENDING,
            "dpkg --unpack /mnt/nowhere/acme-unpacked_all.deb",
            "from_pool nowhere acme-postinst-fails || true",
        ),
    ),
    MachineSpec(
        "unmet",
        "dependencies are broken",
        prepare=(PENDING, "dpkg --force-depends -i /mnt/nowhere/acme-broken_all.deb"),
    ),
    MachineSpec("no-lists", "never ran apt-get update", prepare=(PENDING, f"rm -rf {_LISTS}/* /var/cache/apt/*.bin")),
    MachineSpec(
        "sudoers-apt",
        "for what `patchdeck check --sudoers` says",
        prepare=(PENDING, f"rm -rf {_LISTS}/* /var/cache/apt/*.bin"),
    ),
    MachineSpec(
        "no-security-lists",
        "the lists of the security repository are gone",
        prepare=(PENDING, f"rm -f {_LISTS}/{SECURITY_HOST}*"),
    ),
    MachineSpec(
        "no-security-source",
        "no security repository is configured",
        prepare=(PENDING, f"sed -i '/^$/,$d' {_SOURCES}", "apt-get update"),
    ),
    MachineSpec(
        "security-gone",
        "the security repository alone answers 404",
        prepare=(
            PENDING,
            SUDO_FOR_ALL,
            f"sed -i 's,/debian-security,/gone/debian-security,' {_SOURCES}",
            f"rm -f {_LISTS}/{SECURITY_HOST}*",
            "apt-get update || true",
        ),
    ),
    MachineSpec(
        "mirror-down",
        "all lists are there, but no repository can be reached any more",
        prepare=(
            PENDING,
            SUDO_FOR_ALL,
            f"sed -i 's,//[a-z]*.lab,//down.lab,' {_SOURCES}",
            f"cd {_LISTS}",
            'for list in *.lab.example*; do mv "$list" "down.lab.example${list#*.lab.example}"; done',
        ),
    ),
    MachineSpec("bad-signature", "a repository signed by a stranger", prepare=(PENDING, *_source("unsigned-for-us"))),
    MachineSpec(
        "stale",
        "package lists of last winter",
        prepare=(
            PENDING,
            f"sed -i 's,:{REPOSITORY_PORT}/,:{REPOSITORY_PORT}/stale/,' {_SOURCES}",
            f"rm -rf {_LISTS}/*_*",
            "apt-get update",
        ),
    ),
    MachineSpec(
        "read-only", "the root file system is read-only", prepare=(PENDING,), boot=("mount -o remount,bind,ro /",)
    ),
    MachineSpec(
        "clock-off",
        "the clock is an hour ahead: `date` says so, since the kernel has one clock for all",
        prepare=(PENDING, *CLOCK_AHEAD),
    ),
    MachineSpec(
        "no-apt", "a system without any package manager", prepare=("rm -r /usr/bin/apt* /usr/bin/dpkg* /var/lib/dpkg",)
    ),
)
