"""Tests of collectors.kernels and collectors.reboot: yes, no and unknown, each with its reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.kernels import newest_of_flavour, parse_kernel
from collectors.managers.manager import RebootAnswer
from collectors.reboot import RebootState, RunningKernel, combine, read_reboot
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
        ("5.14.0-427.13.1.el9_4.x86_64", (5, 14, 0, 427, 13, 1), "x86_64"),
        ("5.14.0-427.13.1.el9_4.x86_64+debug", (5, 14, 0, 427, 13, 1), "x86_64+debug"),
        ("5.14.0-570.12.1.el9_6.aarch64+64k", (5, 14, 0, 570, 12, 1), "aarch64+64k"),
        ("4.18.0-553.rt7.342.el8_10.x86_64", (4, 18, 0, 553, 7, 342), "rt.x86_64"),
        ("3.10.0-1160.119.1.el7.x86_64", (3, 10, 0, 1160, 119, 1), "x86_64"),
        ("5.15.0-200.131.27.el8uek.x86_64", (5, 15, 0, 200, 131, 27), "uek.x86_64"),
        ("6.9.7-1.el9.elrepo.x86_64", (6, 9, 7, 1), "elrepo.x86_64"),
        ("6.12.20-23.97.amzn2023.x86_64", (6, 12, 20, 23, 97), "amzn.x86_64"),
        ("6.9.7-200.fc40.x86_64", (6, 9, 7, 200), "x86_64"),
        ("6.4.0-150600.23.47-default", (6, 4, 0, 150600, 23, 47), "default"),
        ("6.4.0-150600.8.8-azure", (6, 4, 0, 150600, 8, 8), "azure"),
        ("6.9.7-arch1-1", (6, 9, 7, 1, 1), "arch"),
        ("6.6.36-1-lts", (6, 6, 36, 1), "lts"),
        ("6.6.34-0-virt", (6, 6, 34, 0), "virt"),
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


@pytest.mark.parametrize(
    ("running", "installed", "required"),
    [
        ("5.14.0-427.13.1.el9_4.x86_64", "5.14.0-503.11.1.el9_5.x86_64", Answer.YES),
        ("5.14.0-427.13.1.el9_4.x86_64", "5.14.0-503.11.1.el9_5.x86_64+debug", Answer.NO),
        ("5.14.0-427.9.1.el9_4.x86_64", "5.14.0-427.13.1.el9_4.x86_64", Answer.YES),
        ("5.15.0-200.131.27.el8uek.x86_64", "5.15.0-206.153.7.el8uek.x86_64", Answer.YES),
        ("5.15.0-200.131.27.el8uek.x86_64", "4.18.0-999.1.1.el8_10.x86_64", Answer.NO),
        ("6.9.9-200.fc40.x86_64", "6.9.10-100.fc40.x86_64", Answer.YES),
        ("6.4.0-150600.23.9-default", "6.4.0-150600.23.47-default", Answer.YES),
        ("6.4.0-150600.23.9-default", "6.4.0-150600.23.47-rt", Answer.NO),
        ("6.6.34-0-lts", "6.6.40-0-lts", Answer.YES),
        ("6.6.34-0-lts", "6.6.40-0-virt", Answer.NO),
        ("6.6.31+rpt-rpi-v8", "6.6.51+rpt-rpi-v8", Answer.YES),
        ("6.6.31+rpt-rpi-v8", "6.6.51+rpt-rpi-2712", Answer.NO),
        ("6.1.21-v7+", "6.1.21-v7l+", Answer.NO),
    ],
)
def test_kernels_are_compared_within_their_kind(running: str, installed: str, required: Answer) -> None:
    """By number, on every family: a newer one of another kind is not what comes next."""
    section = _section(f"modules={running}", f"modules={installed}")

    assert read_reboot(section, RunningKernel(running, "", ""), {}).required is required


def test_kernels_of_one_look_are_told_apart_by_their_series() -> None:
    """kernel-lt runs, and the newer kernel-ml beside it is another package; Amazon's kernel6.12 likewise."""
    both = {("kernel-lt", "x86_64"): "5.4.278-1.el8.elrepo", ("kernel-ml", "x86_64"): "6.9.7-1.el8.elrepo"}
    section = _section("image=5.4.278-1.el8.elrepo.x86_64", "image=6.9.7-1.el8.elrepo.x86_64")
    running = RunningKernel("5.4.278-1.el8.elrepo.x86_64", "", "")
    amazon = _section("image=6.1.102-111.182.amzn2023.x86_64", "image=6.12.20-23.97.amzn2023.x86_64")

    assert read_reboot(section, running, both).required is Answer.NO
    assert read_reboot(section, running, {("kernel-lt", "x86_64"): "5.4.278-1"}).required is Answer.YES
    one = RunningKernel("6.1.102-111.182.amzn2023.x86_64", "", "")
    assert read_reboot(amazon, one, {("kernel6.12", "x86_64"): "6.12.20"}).required is Answer.NO


def test_images_without_a_version_leave_the_modules_to_tell() -> None:
    """Alpine's /boot/vmlinuz-lts and Arch's vmlinuz-linux name no release."""
    section = _section("image=lts", "modules=6.6.34-0-lts")

    assert read_reboot(section, RunningKernel("6.6.34-0-lts", "", ""), {}).required is Answer.NO


@pytest.mark.parametrize(("families", "required"), [(("arch",), Answer.YES), (("debian",), Answer.UNKNOWN)])
def test_missing_modules_mean_yes_where_there_is_one_version_of_a_kernel(
    families: tuple[str, ...], required: Answer
) -> None:
    """On Arch they go when it is replaced, by an older one too; elsewhere somebody removed them."""
    running = RunningKernel("6.9.7-arch1-1", "", "")

    assert read_reboot(_section("modules=6.9.5-arch1-1"), running, {}, families).required is required


_NO_KERNEL_NEWER = RebootState(Answer.NO, "No reboot marker; the newest installed kernel runs.")
_SILENT = RebootState(Answer.UNKNOWN, "/boot cannot be read.", is_silent=True)
_ODD = RebootState(Answer.UNKNOWN, "A kernel of another kind runs.")


@pytest.mark.parametrize(
    ("seen", "said", "required"),
    [
        (_NO_KERNEL_NEWER, Answer.YES, Answer.YES),
        (RebootState(Answer.YES, "A newer kernel is installed."), Answer.NO, Answer.YES),
        (_NO_KERNEL_NEWER, Answer.UNKNOWN, Answer.NO),
        (_SILENT, Answer.NO, Answer.NO),
        (_SILENT, Answer.UNKNOWN, Answer.UNKNOWN),
        (_ODD, Answer.NO, Answer.UNKNOWN),
        (_ODD, Answer.YES, Answer.YES),
    ],
)
def test_tools_and_kernels_together(seen: RebootState, said: Answer, required: Answer) -> None:
    """Yes of either wins; a tool's no counts where nothing could be seen, and not against what is odd."""
    assert combine(seen, RebootAnswer(said, "needs-restarting says so.")).required is required


def test_a_manager_without_a_tool_changes_nothing() -> None:
    """A tool that is missing is not a tool that says no."""
    assert combine(_SILENT, None) == _SILENT
