"""The scripts of requests about jobs: the `.sh` files of this folder behind a few lines of settings.

A request has two halves: `gain.sh` runs as the user who logged in and finds a shell of root; the second half is fed to
that, and acts. Names and versions come from machines and go into commands of root, so they are checked here.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from collectors.jobs.managers import JobManager
from collectors.probe import read_part
from collectors.secrets import Secret
from collectors.shell_text import shorten
from fleet.deployments.jobs import JobOrder, PackageOrder
from fleet.errors import BadInput
from fleet.machines import Become

# A report says no more in one connection: the next one goes on from there.
MOST_BYTES = 8 * 1024 * 1024
# Before a transaction is tried again; three times as long before each further try.
_FIRST_PAUSE_SECONDS = 10
# Before whatever the profile of the user has in PATH, which sudo may leave as it is.
_SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,99}")
# What the package managers that we know allow, and nothing that any of them or a shell could take for something else.
_WORD = re.compile(r"[A-Za-z0-9_.@][A-Za-z0-9_.@+:~^-]{0,255}")
_ADVISORY = re.compile(r"[A-Za-z0-9_.@][A-Za-z0-9_.@+:~^/-]{0,255}")


@dataclass(frozen=True, slots=True)
class Gain:
    """How root is gained on a machine: see `gain.sh`."""

    become: Become
    password: Secret | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A script to feed to `sh`, and the marker of its frames; ``command`` is it in short, as an administrator types it.

    The script may hold a password.
    """

    script: bytes = field(repr=False)
    marker: str
    command: str


def start_request(order: JobOrder, manager: JobManager, gain: Gain) -> Request:
    """Begins the job, or reports on it.

    Raises:
        BadInput: something in the order cannot be handed to a package manager.
    """
    texts = {"packages_text": order_lines(order.packages), "job_text": _job_script(order, manager)}
    return _request("start", order.id, gain, {"programs": " ".join(manager.programs)}, texts)


def follow_request(job_id: str, log_from: int, for_seconds: float, gain: Gain) -> Request:
    """Reports on a job for so long, with its log from that byte on.

    Raises:
        BadInput: it is no id of a job.
    """
    return _request("follow", job_id, gain, {"log_from": str(log_from), "for_seconds": str(int(for_seconds))})


def stop_request(job_id: str, gain: Gain) -> Request:
    """Asks a job to begin no further transaction.

    Raises:
        BadInput: it is no id of a job.
    """
    return _request("stop", job_id, gain)


def forget_request(job_id: str, gain: Gain) -> Request:
    """Removes what a job that does not run left.

    Raises:
        BadInput: it is no id of a job.
    """
    return _request("forget", job_id, gain)


def order_lines(packages: Sequence[PackageOrder]) -> str:
    """The packages as the shell reads them, a line each.

    Raises:
        BadInput: a name, a version or an advisory is none that a package manager has.
    """
    return "".join("\t".join(_fields(package)) + "\n" for package in packages)


def order_settings(order: JobOrder, manager: JobManager) -> Mapping[str, str]:
    """What a job and a simulation are told of the order beside its packages."""
    return {
        "manager": manager.name,
        "kind": order.kind.value,
        "allow_new": _yes(order.allow_new_packages),
        "allow_removals": _yes(order.allow_removals),
        "repair_first": _yes(order.repair_first),
    }


def check_job_id(text: str) -> str:
    """``text``, which names a folder on the machine.

    Raises:
        BadInput: it could name anything else.
    """
    if not _ID.fullmatch(text):
        raise BadInput(f"Job id {text!r} is not made of letters, digits and dashes.")
    return text


def assignments(values: Mapping[str, str]) -> str:
    """Lines of shell that set variables to these values."""
    return "".join(f"{name}={quote(value)}\n" for name, value in values.items())


def quote(text: str) -> str:
    """``text`` as one word of a shell."""
    return "'" + text.replace("'", "'\\''") + "'"


@cache
def read_job_part(name: str) -> str:
    """The text of one `.sh` file of this folder, shortened."""
    return shorten((files("collectors") / "jobs" / name).read_text(encoding="utf-8"))


def first_half(second: str, values: Mapping[str, str], gain: Gain, marker: str) -> bytes:
    """The whole script that has ``second`` run by a shell of root, where one can be had.

    Raises:
        BadInput: the password cannot be given to sudo.
    """
    settings = {
        "marker": marker,
        "become": gain.become.value,
        "sudo_password": _check_password(gain.password),
        "programs": "",
        "needs_root": "no",
        **values,
    }
    parts = (shorten(read_part("frame.sh")), read_job_part("frames.sh"), read_job_part("gain.sh"))
    text = "".join((assignments(settings), *parts, printing_function("request_text", second)))
    return (text + "run_request </dev/null\nexit 0\n").encode()


def printing_function(name: str, text: str) -> str:
    """A function of the shell that prints ``text``, which ends with a newline or is empty."""
    end = f"end-{secrets.token_hex(8)}"
    return f"{name}() {{\ncat <<'{end}'\n{text}{end}\n}}\n"


def new_marker() -> str:
    """A word that nobody can guess."""
    return f"patchdeck-{secrets.token_hex(16)}"


def _request(
    verb: str, job_id: str, gain: Gain, values: Mapping[str, str] | None = None, texts: Mapping[str, str] | None = None
) -> Request:
    marker = new_marker()
    settings = {"marker": marker, "job_id": check_job_id(job_id), "most_bytes": str(MOST_BYTES)}
    settings |= {"log_from": "", "for_seconds": "0", **(values or {})}
    parts = (shorten(read_part("frame.sh")), read_job_part("frames.sh"), read_job_part("places.sh"))
    given = (printing_function(name, text) for name, text in (texts or {}).items())
    second = "".join((assignments(settings), *parts, read_job_part("requests.sh"), *given))
    second += f"request_{verb} </dev/null\nexit 0\n"
    firsts = {"needs_root": _yes(verb == "start"), "programs": settings.get("programs", "")}
    return Request(first_half(second, firsts, gain, marker), marker, f"sh (job {job_id}: {verb})")


def _job_script(order: JobOrder, manager: JobManager) -> str:
    settings = {
        "job_id": check_job_id(order.id),
        "marker": "",
        **order_settings(order, manager),
        "batch_size": str(max(1, order.batch_size)),
        "start_within": str(max(0, order.start_within_seconds)),
        "end_within": "" if order.end_within_seconds is None else str(max(0, order.end_within_seconds)),
        "lock_wait_seconds": str(max(0, order.lock_wait_seconds)),
        "tries": str(max(1, order.tries)),
        "first_pause_seconds": str(_FIRST_PAUSE_SECONDS),
    }
    names = ("places.sh", "packages.sh", "manage.sh", "batches.sh", "job.sh", *manager.parts)
    parts = (shorten(read_part("frame.sh")), *(read_job_part(name) for name in names))
    # The first lines, which say where the job is, are put in front on the machine: requests.sh.
    own = ("progress_file=$folder/progress\n", f"PATH={_SYSTEM_PATH}:$PATH\n")
    return "".join((assignments(settings), *own, *parts, 'run_job "$@"\nexit 0\n'))


def _fields(package: PackageOrder) -> tuple[str, ...]:
    for word in (package.name, package.version):
        _check(_WORD, word, package)
    for word in (package.architecture, package.installed_version):
        if word:
            _check(_WORD, word, package)
    for word in package.advisories:
        _check(_ADVISORY, word, package)
    advisories = " ".join(package.advisories)
    return package.name, package.architecture, package.version, package.installed_version, advisories


def _check(shape: re.Pattern[str], word: str, package: PackageOrder) -> None:
    if not shape.fullmatch(word):
        raise BadInput(f"Package {package.name!r} cannot be ordered: {word!r} is no name or version of a package.")


def _check_password(password: Secret | None) -> str:
    text = password.reveal() if password else ""
    if any(character in text for character in "\n\r\0"):
        raise BadInput("The sudo password holds a line break or a NUL; sudo reads one line.")
    return text


def _yes(value: bool) -> str:
    return "yes" if value else "no"
