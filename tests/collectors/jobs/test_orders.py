"""Scripts of requests: what comes from machines cannot become anything else, and nothing runs before all has come."""

import subprocess
from dataclasses import replace

import pytest

from collectors.jobs.managers import JOB_MANAGERS
from collectors.jobs.orders import Gain, Request, follow_request, order_lines, start_request
from collectors.jobs.questions import gate_request, look_request, script_request, simulation_request
from collectors.secrets import Secret
from fleet.deployments.jobs import JobKind, JobOrder, PackageOrder
from fleet.errors import BadInput
from fleet.machines import Become

APT = JOB_MANAGERS[0]
LIB = PackageOrder("acme-lib", "amd64", "1:2.0~rc1-1+deb12u1", "1:1.0-1", ("DSA-1-1",))
ORDER = JobOrder("20261120T020000Z-5f3a9c-install", JobKind.INSTALL, (LIB,), 600)


def test_order_is_a_line_for_each_package() -> None:
    """Five fields parted by tabs; what is not known is empty."""
    bare = PackageOrder("libstdc++6", "", "12.2-1")

    assert order_lines((LIB, bare)) == (
        "acme-lib\tamd64\t1:2.0~rc1-1+deb12u1\t1:1.0-1\tDSA-1-1\nlibstdc++6\t\t12.2-1\t\t\n"
    )


@pytest.mark.parametrize(
    "package",
    [
        replace(LIB, name="-oDPkg::Pre-Invoke=reboot"),
        replace(LIB, name="acme lib"),
        replace(LIB, name="acme\tlib"),
        replace(LIB, name="$(reboot)"),
        replace(LIB, name=""),
        replace(LIB, version="1.0\n"),
        replace(LIB, version="--reinstall"),
        replace(LIB, architecture="../all"),
        replace(LIB, installed_version="a b"),
        replace(LIB, advisories=("'; reboot",)),
    ],
    ids=lambda package: repr(package.name + package.version)[:30],
)
def test_names_that_could_be_anything_else_are_refused(package: PackageOrder) -> None:
    """An option, blanks, a command or a path is no name and no version of a package."""
    for build in (start_request, simulation_request):
        with pytest.raises(BadInput):
            build(replace(ORDER, packages=(package,)), APT, Gain(Become.NONE))


@pytest.mark.parametrize("job_id", ["../x", "", "a b", "-x", "a/b", "x" * 200])
def test_job_id_is_no_path(job_id: str) -> None:
    """An id names one folder and nothing else."""
    with pytest.raises(BadInput):
        follow_request(job_id, 0, 0, Gain(Become.NONE))


def test_password_is_shown_nowhere() -> None:
    """A request that holds a password shows neither it nor the script."""
    request = start_request(ORDER, APT, Gain(Become.SUDO, Secret("hunter2")))

    assert b"hunter2" in request.script
    assert "hunter2" not in repr(request) + request.command


def test_password_of_two_lines_is_refused() -> None:
    """sudo reads one line; the rest would be commands."""
    with pytest.raises(BadInput):
        follow_request("x", 0, 0, Gain(Become.SUDO, Secret("a\nreboot")))


def test_script_with_a_nul_is_refused() -> None:
    """No shell can read one; nor a variable's name that is none."""
    with pytest.raises(BadInput):
        script_request(b"a\0b", {}, b"", 10)
    with pytest.raises(BadInput):
        script_request(b"", {"A B": "x"}, b"", 10)


def _requests() -> list[Request]:
    gain = Gain(Become.NONE)
    return [
        start_request(ORDER, APT, gain),
        follow_request("x", 0, 0, gain),
        simulation_request(ORDER, APT, gain),
        look_request(),
        script_request(b"touch ran\n", {"A": "b"}, b"{}", 10),
        gate_request("touch ran", (), 10),
    ]


@pytest.mark.parametrize("request_", _requests(), ids=lambda request: request.command)
def test_request_that_is_cut_does_nothing(request_: Request) -> None:
    """However much of a script comes, nothing runs before its last line: it only declares what could be run."""
    lines = request_.script.split(b"\n")
    last = next(i for i in range(len(lines) - 1, 0, -1) if lines[i].endswith(b"</dev/null"))
    for end in range(0, last, max(1, last // 25)):
        cut = b"\n".join(lines[:end])
        ran = subprocess.run(["sh"], input=cut + b"\n", capture_output=True, timeout=20, check=False)
        assert ran.stdout == b""
