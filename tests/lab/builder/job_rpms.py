"""Packages for the machines on which jobs install: each pair is a way in which an rpm transaction can go."""

from tests.lab.builder.rpms import Rpm

# Waits for the file to go, so that a test says how long it takes.
HOLD = "/run/acme-slow-waits"
# rpm wants what runs its scriptlets to be there by name.
SHELL = "bash"
_SHELL_TAGS = ("Provides: /bin/sh",)
_NAMES_WITH_TROUBLE = {
    "acme-good": "",
    "acme-postfails": "%post",
    "acme-prefails": "%pre",
    "acme-slow": "",
    "acme-config": "",
    "acme-bulky": "",
    "acme-talkative": "",
}
BULK_BYTES = 3_000_000
# A file system of its own, with too little room for what is bulky.
BOOT_LITTLE_ROOM = "mkdir -p /srv && mount -t tmpfs -o size=1m,mode=755 tmpfs /srv"


def job_packages(old: str, new: str, installed_from: str, offered_from: str, vendor: str = "") -> tuple[Rpm, ...]:
    """Each name as 1.0 with the release ``old``, and as 1.1 with ``new``, from these repositories."""
    shell = Rpm(SHELL, f"5.1-{old}", (installed_from,), tags=_SHELL_TAGS, vendor=vendor)
    pairs = [
        package
        for name in _NAMES_WITH_TROUBLE
        for package in (
            _package(name, f"1.0-{old}", installed_from, vendor, is_new=False),
            _package(name, f"1.1-{new}", offered_from, vendor, is_new=True),
        )
    ]
    return (shell, *pairs)


def _package(name: str, evr: str, repository: str, vendor: str, *, is_new: bool) -> Rpm:
    return Rpm(
        name,
        evr,
        (repository,),
        vendor=vendor,
        settings=("/etc/acme-config.conf",) if name == "acme-config" else (),
        bulk_bytes=BULK_BYTES if name == "acme-bulky" and is_new else 0,
        scripts=_scripts(name) if is_new else (),
    )


def _scripts(name: str) -> tuple[tuple[str, str], ...]:
    if kind := _NAMES_WITH_TROUBLE[name]:
        return ((kind, f"echo 'this {kind[1:]} fails' >&2\nexit 1"),)
    if name == "acme-slow":
        return (("%post", f"while [ -e {HOLD} ]; do sleep 0.2; done"),)
    if name == "acme-talkative":
        return (("%post", "read -r answer && echo \"read $answer\"\nprintf '\\033[2J\\033]0;owned\\007\\n'"),)
    return ()
