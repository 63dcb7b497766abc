"""Tests of collectors.kernels and collectors.reboot: yes, no and unknown, each with its reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.kernels import newest_of_flavour, parse_kernel
from collectors.reboot import RunningKernel, read_reboot
from collectors.sections import Section
from fleet.answers import Answer

_DEBIAN = RunningKernel("6.1.0-37-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.140-1 (2025-05-22)", "")


def _section(*lines: str) -> Section:
    return Section("reboot", "\n".join(lines).encode(), b"", 0)


@pytest.mark.parametrize(
    ("release", "numbers", "flavour"),
    [
        ("6.1.0-37-amd64", (6, 1, 0, 37), "amd64"),
        ("6.1.0-37-cloud-amd64", (6, 1, 0, 37), "cloud-amd64"),
        ("6.12.9+bpo-amd64", (6, 12, 9), "amd64"),
        ("6.12.41+deb13-amd64", (6, 12, 41, 13), "amd64"),
        ("5.10.0-0.deb10.28-amd64", (5, 10, 0, 0, 10, 28), "amd64"),
        ("5.15.0-91-generic", (5, 15, 0, 91), "generic"),
        ("5.15.0-1051-aws", (5, 15, 0, 1051), "aws"),
        ("6.8.0-40-generic-64k", (6, 8, 0, 40), "generic-64k"),
        ("6.6.31+rpt-rpi-2712", (6, 6, 31), "rpi-2712"),
        ("6.6.31+rpt-rpi-v8", (6, 6, 31), "rpi-v8"),
        ("6.1.0-rpi7-rpi-v8", (6, 1, 0, 7), "rpi-v8"),
        ("6.1.21-v8+", (6, 1, 21), "v8+"),
        ("6.1.21-v7l+", (6, 1, 21), "v7l+"),
        ("6.1.21+", (6, 1, 21), "+"),
        ("6.8.12-4-pve", (6, 8, 12, 4), "pve"),
        ("6.18.44-fc-v669", (6, 18, 44), "fc-v669"),
    ],
)
def test_kernel_names_of_many_systems(release: str, numbers: tuple[int, ...], flavour: str) -> None:
    """The numbers order it, the rest is its flavour."""
    kernel = parse_kernel(release)

    assert kernel is not None
    assert (kernel.numbers, kernel.flavour) == (numbers, flavour)


def test_newest_is_by_number_not_by_spelling() -> None:
    """100 is newer than 91."""
    newest = newest_of_flavour(["5.15.0-91-generic", "5.15.0-100-generic", "6.5.0-1-aws"], "generic")

    assert newest is not None
    assert newest.text == "5.15.0-100-generic"


def test_running_kernel_that_is_newer_than_any_installed_one_is_unknown() -> None:
    """Its package is gone, or the hypervisor brought it: a reboot may bring an older one, or the same again."""
    running = RunningKernel("6.12.0-1-amd64", "", "")

    state = read_reboot(_section("image=6.1.0-37-amd64"), running, {})

    assert state.required is Answer.UNKNOWN
    assert "6.12.0-1-amd64" in state.reason
    assert "6.1.0-37-amd64" in state.reason


@given(st.text(max_size=60))
def test_no_name_breaks_the_reader(text: str) -> None:
    """A name is a release or is none."""
    kernel = parse_kernel(text)

    assert kernel is None or kernel.text == text


def test_marker_file_means_yes() -> None:
    """The packages that asked for it are the reason."""
    state = read_reboot(_section("marker=/run/reboot-required", "packages=linux-base libc6 libc6"), _DEBIAN, {})

    assert state.required is Answer.YES
    assert "linux-base, libc6." in state.reason


def test_newer_kernel_of_the_same_flavour_means_yes() -> None:
    """Plain Debian writes no marker; the kernels tell."""
    state = read_reboot(_section("image=6.1.0-37-amd64", "image=6.1.0-40-amd64"), _DEBIAN, {})

    assert (state.required, "6.1.0-40-amd64" in state.reason) == (Answer.YES, True)


def test_newer_kernel_of_another_flavour_means_nothing() -> None:
    """A cloud kernel beside the one that runs is not what comes next."""
    state = read_reboot(_section("image=6.1.0-37-amd64", "image=6.1.0-40-cloud-amd64"), _DEBIAN, {})

    assert state.required is Answer.NO


def test_leftover_modules_do_not_count_beside_images() -> None:
    """A folder of modules without its kernel boots nothing."""
    state = read_reboot(_section("image=6.1.0-37-amd64", "modules=6.1.0-99-amd64"), _DEBIAN, {})

    assert state.required is Answer.NO


def test_rebuilt_kernel_of_the_same_name_means_yes() -> None:
    """The package was replaced by a newer build; the old build runs on."""
    installed = {("linux-image-6.1.0-37-amd64", "amd64"): "6.1.147-1"}

    state = read_reboot(_section("image=6.1.0-37-amd64"), _DEBIAN, installed)

    assert (state.required, "6.1.147-1" in state.reason) == (Answer.YES, True)


@pytest.mark.parametrize(
    ("build", "version", "required"),
    [
        ("#101-Ubuntu SMP Tue Nov 14", "5.15.0-91.101", Answer.NO),
        ("#101~20.04.1-Ubuntu SMP Thu Nov 16", "5.15.0-91.101~20.04.1", Answer.NO),
        ("#100-Ubuntu SMP Tue Nov 7", "5.15.0-91.101", Answer.YES),
        ("#1 SMP PREEMPT own", "5.15.0-91.101", Answer.NO),
    ],
)
def test_ubuntu_builds_are_told_by_their_number(build: str, version: str, required: Answer) -> None:
    """The upload number stands in the build text and at the end of the package's version."""
    running = RunningKernel("5.15.0-91-generic", build, "")

    state = read_reboot(
        _section("image=5.15.0-91-generic"), running, {("linux-image-5.15.0-91-generic", "amd64"): version}
    )

    assert state.required is required


def test_container_has_no_kernel_of_its_own() -> None:
    """Kernels that lie in it are never booted."""
    running = RunningKernel("6.1.0-37-amd64", "", "/.dockerenv")

    state = read_reboot(_section("image=6.1.0-99-amd64"), running, {})

    assert (state.required, "container" in state.reason) == (Answer.NO, True)


def test_marker_counts_in_a_container() -> None:
    """Its services may need it all the same."""
    running = RunningKernel("6.1.0-37-amd64", "", "/.dockerenv")

    assert read_reboot(_section("marker=/run/reboot-required"), running, {}).required is Answer.YES


def test_foreign_kernel_is_unknown() -> None:
    """A kernel of our own building among Debian's: nobody can say."""
    running = RunningKernel("6.18.44-fc-v669", "#1", "")

    assert read_reboot(_section("image=6.1.0-37-amd64"), running, {}).required is Answer.UNKNOWN


def test_boot_that_cannot_be_read_is_unknown() -> None:
    """Hardened machines close /boot to ordinary users."""
    assert read_reboot(_section("unreadable=/boot"), _DEBIAN, {}).required is Answer.UNKNOWN


def test_no_kernel_installed_is_no() -> None:
    """A machine that is booted with a kernel from outside gets no other by a reboot."""
    assert read_reboot(_section(), _DEBIAN, {}).required is Answer.NO
