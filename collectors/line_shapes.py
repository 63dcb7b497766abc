"""What may stand in sections of which the readers look for some lines only, so that any other line is noticed.

Sections that are not named here have readers that refuse, or tell of, each line which they do not know.
"""

import re
from collections.abc import Mapping

from collectors.managers.dnf_skipped import SKIPPED

# A host with a thousand addresses prints half of this; nothing else comes near.
MOST_BYTES_OF_LINUX = 256 * 1024
_KERNELS = re.compile(r"(?:kernel|running|modules)=.*")
# coreutils and busybox head it differently; file systems without inodes have a dash for the share that is used.
_DISK_ROWS = re.compile(r"Filesystem .*|[^ ].* -?\d+ +-?\d+ +-?\d+ +(?:\d+%|-) +/.*")

# By the section's name; what the probe prints on every machine: linux.sh.
OF_LINUX: Mapping[str, re.Pattern[str]] = {
    # os-release(5): assignments and comments. Which of them we use is no matter of whether they are understood.
    "os-release": re.compile(r"\s*(?:#.*|[A-Za-z_][A-Za-z0-9_]*=.*)"),
    "managers": re.compile(r"[a-z0-9-]{1,40}"),
    "inodes": _DISK_ROWS,
    "mounts": re.compile(r"/\S* \S+ \S+"),
    "reboot": re.compile(r"(?:marker|packages|unreadable|image|modules)=.*"),
    "services": re.compile(r"(?:service|process)=.*"),
    # `ip -o addr`, of which old ones print the links as well; `hostname -I`.
    "addresses": re.compile(r"\d+: +\S+ .*|[0-9A-Fa-f.:%/ ]+"),
    "updaters": re.compile(
        r"no-systemd|changed=\d{1,10} /.*|(?:Id|ActiveState|LastTriggerUSec|offline|applies)=.*", re.ASCII
    ),
}
# By the manager that the machine is patched by: those of others are not read, since they are no part of the answer.
OF_MANAGERS: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    "apt": {
        # dpkg's journal: numbers, and the file that it is about to number.
        "dpkg-updates": re.compile(r"\d+|tmp\.i", re.ASCII),
        "apt-archives": re.compile(r"[^\s/]+\.u?deb"),
    },
    "apk": {"apk-kernel": _KERNELS},
    "pacman": {"pacman-kernel": _KERNELS},
    "dnf": {"dnf-release": re.compile(r"[\w.+~^-]{1,64}|no package provides .*|\(none\)")},
}
# What tools say beside their answers, told by its end and not by its words; and why.
FREE_TEXT: Mapping[str, str] = {
    "apt-refresh": "progress of downloads; errors are looked for, and the exit status counts",
    "dnf-refresh": "progress of downloads; the exit status counts",
    "zypper-refresh": "progress of downloads; the exit status counts",
    "ostree-refresh": "the found image in words; rpm-ostree's status tells it again, as JSON",
    "apk-refresh": "progress of downloads; the exit status counts",
    "zypper-reasons": "zypper's talk with a human; an update without a reason is told as one without",
    "dnf-notices": "the plug-in's advice on releases; its words are looked for",
    "dnf-reboot": "needs-restarting's words; without those that are known the answer is unknown",
}
# Standard error that means nothing, or that a reader looks at; all else is told.
# grep: processes end while it looks at them, and some cannot be looked at.
ERRORS_OF_LINUX = re.compile(r"grep: /proc/\d+/maps: .*")
ERRORS_OF_MANAGERS: Mapping[str, re.Pattern[str]] = {
    # apt_settings.py, and apt's own reminder for scripts.
    "apt": re.compile(r"[WE]: Unable to read .*|WARNING: apt does not have a stable CLI interface.*|N: .*"),
    # apk_packages.py
    "apk": re.compile(r"(?:WARNING|ERROR): .*"),
    # Repositories without metadata: dnf_coverage.py knows them by their absence. Users may not write dnf's history.
    "dnf": re.compile(
        r"Ignoring repositories: .*|Error: Cache-only enabled but no cache for .*|"
        rf"History database cannot be created, .*|{SKIPPED}"
    ),
    # pacman_databases.py and pacman_updates.py
    "pacman": re.compile(r"(?:warning|error): .*|:: .*"),
}
# Sections whose whole standard error is looked at, or stands in the finding that their exit status makes: always, and
# where they failed.
ERRORS_READ = re.compile(r"become(?:-.*)?|.*-refresh|dnf-reboot|dnf-notices")
ERRORS_READ_OF_FAILED = re.compile(r"(?:dnf|zypper|pacman|apk|ostree)-.*|apt-plan")
# Whose sections those are that begin so; the others are every machine's.
OWNERS: Mapping[str, str] = {"apt": "apt", "dpkg": "apt"} | {
    name: name for name in ("apk", "dnf", "ostree", "pacman", "zypper")
}
