"""How a machine came back from a reboot: its boot, its kernel, its units, its ports."""

from fleet.deployments.pulse import Pulse
from fleet.deployments.returns import find_differences, find_other_kernel, has_rebooted

_BEFORE = Pulse(
    "a", "6.1.0-1", failed_units=("old.service",), listening=("tcp 0.0.0.0:22", "tcp [::]:80", "udp *:44021")
)


def test_only_another_boot_is_a_reboot() -> None:
    """An unknown boot proves nothing."""
    assert has_rebooted(_BEFORE, Pulse("b", "6.1.0-1"))
    assert not has_rebooted(_BEFORE, Pulse("a", "6.1.0-1"))
    assert not has_rebooted(_BEFORE, Pulse("", "6.1.0-1"))


def test_what_failed_or_listened_before_is_no_difference() -> None:
    """A unit that failed before may fail again; ports that are given out as they come are others each time."""
    now = Pulse("b", "6.1.0-1", failed_units=("old.service",), listening=("tcp 0.0.0.0:22", "tcp [::]:80"))
    assert find_differences(_BEFORE, now) == ()


def test_new_failures_and_closed_ports_are_named() -> None:
    """A line each."""
    now = Pulse("b", "6.1.0-1", failed_units=("nginx.service",), listening=("tcp 0.0.0.0:22",))
    assert find_differences(_BEFORE, now) == (
        "nginx.service failed and did not before",
        "nothing listens at tcp [::]:80 any more",
    )


def test_where_nothing_tells_of_ports_none_is_missing() -> None:
    """Unknown is not closed."""
    assert find_differences(_BEFORE, Pulse("b", "6.1.0-1")) == ()


def test_other_kernel_than_expected_is_said() -> None:
    """Where one was expected."""
    assert find_other_kernel("6.1.0-2", Pulse("b", "6.1.0-1")) == "it runs the kernel 6.1.0-1, not 6.1.0-2"
    assert find_other_kernel("6.1.0-1", Pulse("b", "6.1.0-1")) == ""
    assert find_other_kernel("", Pulse("b", "6.1.0-1")) == ""
