"""What became of an order in a simulation: which ordered packages a transaction leaves, and in what words."""

from collections.abc import Callable, Sequence

from fleet.deployments.jobs import JobOrder, PackageOrder
from fleet.deployments.plan import ChangeKind, Kept, PackageChange, Simulation
from fleet.hostile import clean, clean_name

_NOT_SAID = "it is left as it is, and it is not said why"
_MOST_WORDS = 500


def find_kept(
    order: JobOrder,
    changes: Sequence[PackageChange],
    is_same: Callable[[str, str], bool],
    explain: Callable[[PackageOrder], str],
) -> tuple[Kept, ...]:
    """The ordered packages that ``changes`` do not bring to their versions; ``is_same`` compares two versions."""
    brought = {(change.name, change.architecture): change.to_version for change in changes}
    by_name = {change.name: change.to_version for change in changes if change.kind is not ChangeKind.REMOVE}
    kept = []
    for package in order.packages:
        version = brought.get((package.name, package.architecture)) or by_name.get(package.name)
        if version is None:
            kept.append(Kept(clean_name(package.name), clean(explain(package), _MOST_WORDS) or _NOT_SAID))
        elif not is_same(version, package.version):
            words = f"{version} would come instead of {package.version}"
            kept.append(Kept(clean_name(package.name), clean(words, _MOST_WORDS)))
    return tuple(kept)


def refuse(words: str) -> Simulation:
    """A simulation in which nothing can be done, for a reason."""
    return Simulation(problem=clean(words, _MOST_WORDS))


def summarise(
    changes: tuple[PackageChange, ...],
    kept: tuple[Kept, ...],
    problem: str,
    *,
    download_bytes: int | None = None,
    disk_bytes: int | None = None,
) -> Simulation:
    """The simulation. Without any change, what is said of the first packages that are kept is the problem."""
    if not changes and not problem and kept:
        problem = "; ".join(f"{each.name}: {each.words}" for each in kept[:3])
    return Simulation(changes, kept, download_bytes, disk_bytes, clean(problem, _MOST_WORDS))
