"""The scripts of what else a run needs of a machine: a look at it, its reboot, a script on it, a health gate."""

import re
from collections.abc import Mapping, Sequence

from collectors.jobs.managers import JobManager
from collectors.jobs.orders import (
    Gain,
    Request,
    assignments,
    first_half,
    new_marker,
    order_lines,
    order_settings,
    printing_function,
    quote,
    read_job_part,
)
from collectors.probe import read_part
from collectors.shell_text import shorten
from fleet.deployments.jobs import JobOrder
from fleet.errors import BadInput

# What a script or a command of a gate may print before the rest is left out.
MOST_OUTPUT_BYTES = 256 * 1024
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_SHUTDOWN_PROGRAMS = "/usr/sbin/shutdown /sbin/shutdown /usr/sbin/reboot /sbin/reboot"


def simulation_request(order: JobOrder, manager: JobManager, gain: Gain) -> Request:
    """What the package manager would do; as the user who logs in, unless it tells root alone.

    Raises:
        BadInput: something in the order cannot be handed to a package manager.
    """
    marker = new_marker()
    settings = {"marker": marker, **order_settings(order, manager), "lock_wait": "0"}
    parts = (_frame(), *(read_job_part(name) for name in ("packages.sh", *manager.parts, "simulate.sh")))
    listing = printing_function("list_packages", order_lines(order.packages))
    second = "".join((assignments(settings), *parts, listing, "main </dev/null\nexit 0\n"))
    command = f"sh (simulation of {len(order.packages)} packages)"
    if not manager.asks_root:
        return Request(f"root_way=none\n{second}".encode(), marker, command)
    firsts = {"needs_root": "maybe", "programs": " ".join(manager.programs)}
    return Request(first_half(second, firsts, gain, marker), marker, command)


def look_request() -> Request:
    """How the machine is now, in sections."""
    marker = new_marker()
    parts = (_frame(), shorten(read_part("linux.sh")), read_job_part("look.sh"))
    return Request(
        "".join((assignments({"marker": marker}), *parts, "look </dev/null\nexit 0\n")).encode(), marker, _LOOK
    )


_LOOK = "sh (look: boot id, kernel, units, listening ports, users)"


def reboot_request(notice_minutes: int, message: str, gain: Gain) -> Request:
    """Has the machine rebooted, detached, after so many minutes."""
    marker = new_marker()
    settings = {"marker": marker, "notice_minutes": str(max(0, notice_minutes)), "message": _one_line(message)}
    parts = (_frame(), read_job_part("frames.sh"), read_job_part("reboot.sh"))
    second = "".join((assignments(settings), *parts, "request_reboot </dev/null\nexit 0\n"))
    firsts = {"needs_root": "yes", "programs": _SHUTDOWN_PROGRAMS}
    when = f"+{notice_minutes}" if notice_minutes > 0 else "now"
    return Request(first_half(second, firsts, gain, marker), marker, f"shutdown -r {when}")


def script_request(text: bytes, environment: Mapping[str, str], stdin: bytes, timeout_seconds: int) -> Request:
    """Runs a script.

    Raises:
        BadInput: the script, its input or a parameter holds a NUL, or a parameter's name is none of a variable.
    """
    marker = new_marker()
    settings = {"marker": marker, "script_seconds": str(timeout_seconds), "most_output": str(MOST_OUTPUT_BYTES)}
    exports = "".join(
        f"{_variable(name)}={quote(_without_nul(value))}\nexport {name}\n" for name, value in environment.items()
    )
    given = (
        f"export_parameters() {{\n:\n{exports}}}\n".encode("utf-8", "surrogateescape"),
        _printing_bytes("script_text", text),
        _printing_bytes("script_input", stdin),
    )
    parts = (assignments(settings), _frame(), read_job_part("frames.sh"), read_job_part("script.sh"))
    script = "".join(parts).encode() + b"".join(given) + b"run_script </dev/null\nexit 0\n"
    return Request(script, marker, f"sh (script, {len(text)} bytes)")


def gate_request(command: str, tcp_ports: Sequence[int], timeout_seconds: int) -> Request:
    """Runs a command and tries ports.

    Raises:
        BadInput: the command holds a NUL.
    """
    marker = new_marker()
    settings = {"marker": marker, "gate_seconds": str(timeout_seconds), "ports": " ".join(map(str, tcp_ports))}
    parts = (assignments(settings), _frame(), read_job_part("frames.sh"), read_job_part("gate.sh"))
    script = "".join(parts).encode() + _printing_bytes("gate_command", command.encode())
    shown = [command] if command else []
    shown += [f"tcp {port}" for port in tcp_ports]
    return Request(script + b"look_at_gate </dev/null\nexit 0\n", marker, f"sh (gate: {'; '.join(shown)})")


def _frame() -> str:
    return shorten(read_part("frame.sh"))


def _printing_bytes(name: str, text: bytes) -> bytes:
    if b"\0" in text:
        raise BadInput("A script, its input or a command holds a NUL, which no shell can read.")
    ended = text if not text or text.endswith(b"\n") else text + b"\n"
    return printing_function(name, ended.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _without_nul(value: str) -> str:
    if "\0" in value:
        raise BadInput("A parameter of a script holds a NUL, which no environment can hold.")
    return value


def _variable(name: str) -> str:
    if not _VARIABLE.fullmatch(name):
        raise BadInput(f"{name!r} cannot be the name of a variable in a script's environment.")
    return name


def _one_line(text: str) -> str:
    return " ".join(text.split())
