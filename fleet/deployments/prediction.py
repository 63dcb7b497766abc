"""How long a machine's plan will take, by the fleet's own history.

The method, meant to be robust and never to shorten what grows:

- The **work** of an installation is a number: its packages, plus one for each `BYTES_PER_PACKAGE` of download, plus
  `KERNEL_PACKAGES` where a kernel is among them. Where one of the compared installations does not know its download,
  downloads count nowhere.
- Its **history** is the machine's own last `MOST_OWN` installations; with fewer than `FEWEST_OWN`, the last
  `MOST_SHARED` of all machines with the same package manager.
- The **line** through that history is Theil and Sen's: the median of the slopes between all pairs of different work,
  not below 0, and the median of what remains as the base, not below 0. One installation that hung for an hour does not
  bend it. Where all history is of the same work, more work takes proportionally longer, and less takes as long.
- **Typical** is the line. **Careful** is it times the 9th decile of how much longer than the line the history took,
  never less than typical; what must fit into a window is compared with careful.
- A reboot adds the median of the reboots in the history (careful: their 9th decile).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from fleet.answers import Answer
from fleet.deployments.plan import PackageChange
from fleet.deployments.window import Window

# Estimates of ours, which the history then scales: 5 MB take a slow mirror about as long as dpkg takes a small package,
# and an initramfs takes as long as twenty of those.
BYTES_PER_PACKAGE = 5_000_000
KERNEL_PACKAGES = 20
FEWEST_OWN = 3
MOST_OWN = 20
MOST_SHARED = 60
_LONGEST_SECONDS = 30 * 86_400.0  # what is said to have taken longer is a broken clock


@dataclass(frozen=True, slots=True)
class PastInstall:
    """One installation that succeeded. ``reboot_seconds`` is None where none followed, ``download_bytes`` where it is
    not known.
    """

    machine_id: str
    package_manager: str
    packages: int
    seconds: float
    download_bytes: int | None = None
    reboot_seconds: float | None = None
    has_kernel: bool = False


@dataclass(frozen=True, slots=True)
class PlannedWork:
    """What a machine has before it. ``reboots`` is whether it is expected to restart."""

    packages: int
    download_bytes: int | None = None
    has_kernel: bool = False
    reboots: bool = False


@dataclass(frozen=True, slots=True)
class Prediction:
    """Seconds, typical and careful; those of a reboot are None where one is expected and no history tells.

    ``installs`` is how many past installations it rests on, ``is_own`` whether they are the machine's own.
    """

    install_seconds: float
    careful_install_seconds: float
    reboot_seconds: float | None
    careful_reboot_seconds: float | None
    installs: int
    is_own: bool

    @property
    def seconds(self) -> float:
        """The typical time of all that is known of."""
        return self.install_seconds + (self.reboot_seconds or 0.0)


def plan_work(
    changes: Sequence[PackageChange], download_bytes: int | None, *, kernel: bool, reboots: bool
) -> PlannedWork:
    """The work of a simulated transaction; a package that is removed counts as one too."""
    return PlannedWork(len(changes), download_bytes, kernel, reboots)


def predict(
    history: Sequence[PastInstall], work: PlannedWork, machine_id: str, package_manager: str
) -> Prediction | None:
    """How long ``work`` takes on a machine, by ``history``, oldest first; None where that tells nothing."""
    past, is_own = _comparable(history, machine_id, package_manager)
    if not past:
        return None
    with_bytes = work.download_bytes is not None and all(each.download_bytes is not None for each in past)
    points = [(_amount(each, with_bytes), each.seconds) for each in past]
    typical, careful = _line(points, _amount(work, with_bytes)) if work.packages else (0.0, 0.0)
    reboot, careful_reboot = _reboot(history, work, machine_id, package_manager)
    return Prediction(typical, careful, reboot, careful_reboot, len(past), is_own)


def predict_seconds(
    history: Sequence[PastInstall], work: PlannedWork, machine_id: str, package_manager: str
) -> float | None:
    """The typical seconds that ``work`` takes on a machine, its reboot included where one is expected and known."""
    prediction = predict(history, work, machine_id, package_manager)
    return None if prediction is None else prediction.seconds


def fits(prediction: Prediction | None, window: Window) -> Answer:
    """Whether the work, taken carefully, ends within a window that opens now.

    With a reboot, the installation must leave the minutes in which no reboot is made any more. UNKNOWN where nothing
    tells how long, or only the reboot's time is missing and all else fits.
    """
    if prediction is None:
        return Answer.UNKNOWN
    whole = window.minutes * 60
    reboots = prediction.reboot_seconds is None or prediction.reboot_seconds > 0
    for_install = whole - (window.reboot_minutes * 60 if reboots else 0)
    if prediction.careful_install_seconds > for_install:
        return Answer.NO
    if prediction.careful_reboot_seconds is None:
        return Answer.UNKNOWN
    return Answer.YES if prediction.careful_install_seconds + prediction.careful_reboot_seconds <= whole else Answer.NO


def _comparable(history: Sequence[PastInstall], machine_id: str, manager: str) -> tuple[list[PastInstall], bool]:
    usable = [
        each
        for each in history
        if each.package_manager == manager and each.packages > 0 and 0 < each.seconds <= _LONGEST_SECONDS
    ]
    own = [each for each in usable if each.machine_id == machine_id]
    return (own[-MOST_OWN:], True) if len(own) >= FEWEST_OWN else (usable[-MOST_SHARED:], False)


def _amount(work: PastInstall | PlannedWork, with_bytes: bool) -> float:
    download = (work.download_bytes or 0) / BYTES_PER_PACKAGE if with_bytes else 0.0
    return work.packages + max(0.0, download) + (KERNEL_PACKAGES if work.has_kernel else 0)


def _line(points: Sequence[tuple[float, float]], amount: float) -> tuple[float, float]:
    """Typical and careful seconds for ``amount`` by Theil and Sen's line through ``points``."""
    slopes = [
        (later[1] - earlier[1]) / (later[0] - earlier[0])
        for number, earlier in enumerate(points)
        for later in points[number + 1 :]
        if later[0] != earlier[0]
    ]
    if not slopes:
        return _proportional(points, amount)
    slope = max(0.0, median(slopes))
    base = max(0.0, median(seconds - slope * x for x, seconds in points))
    if slope == 0.0 and base == 0.0:
        return _proportional(points, amount)
    typical = base + slope * amount
    ratios = [seconds / (base + slope * x) for x, seconds in points]
    return typical, typical * max(1.0, _ninth_decile(ratios))


def _proportional(points: Sequence[tuple[float, float]], amount: float) -> tuple[float, float]:
    known = median(x for x, _ in points)
    factor = max(1.0, amount / known)
    times = [seconds for _, seconds in points]
    return median(times) * factor, max(median(times), _ninth_decile(times)) * factor


def _reboot(
    history: Sequence[PastInstall], work: PlannedWork, machine_id: str, manager: str
) -> tuple[float | None, float | None]:
    if not work.reboots:
        return 0.0, 0.0
    known = [
        (each.machine_id, each.reboot_seconds)
        for each in history
        if each.package_manager == manager
        and each.reboot_seconds is not None
        and 0 < each.reboot_seconds <= _LONGEST_SECONDS
    ]
    times = [seconds for owner, seconds in known if owner == machine_id][-MOST_OWN:]
    times = times or [seconds for _, seconds in known][-MOST_SHARED:]
    if not times:
        return None, None
    return median(times), max(median(times), _ninth_decile(times))


def _ninth_decile(values: Sequence[float]) -> float:
    """By nearest rank: a value that was there, for so few values nothing finer is honest."""
    return sorted(values)[math.ceil(0.9 * len(values)) - 1]
