"""What dnf 4, dnf5 or yum 3 would do for an order: rows of dnf 4's own Python, or the table that the others print."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from collectors.managers.dnf_table import DnfTable, parse_table
from collectors.managers.ordered_packages import find_kept, refuse, summarise
from collectors.managers.rpm_versions import evr_key, normal_evr
from collectors.sections import Section, Sections
from fleet.deployments.jobs import JobOrder, PackageOrder
from fleet.deployments.plan import ChangeKind, PackageChange, Simulation
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, clean_name

_MICRODNF = "microdnf alone cannot say what is missing, so nothing is installed by it: install dnf on the machine"
_ABSENT = "neither dnf nor yum is there"
# transaction item actions of libdnf; Obsolete is what comes in the place of another package.
_COMES = {
    "Install": ChangeKind.INSTALL,
    "Obsolete": ChangeKind.INSTALL,
    "Upgrade": ChangeKind.UPGRADE,
    "Downgrade": ChangeKind.DOWNGRADE,
    "Reinstall": ChangeKind.REINSTALL,
}
_GOES = frozenset({"Upgraded", "Downgraded", "Reinstalled", "Obsoleted", "Erase", "Removed"})
_REASON = "Reason Change"
# What `dnf upgrade --assumeno` answers with: 0 nothing to do, 1 aborted by that very option, or an error.
_ANSWERED = (0, 1)
_WORDS_OF_PLAN = 7


def read_simulation(sections: Sections, order: JobOrder) -> Simulation:
    """What dnf or yum would do.

    Raises:
        UnreadableOutput: a line fits no known shape.

    Source: collectors/jobs/dnf_plan.sh; dnf 4.14 in the lab, dnf5 and yum 3 from public pages (captures' README).
    """
    tool = sections.find("dnf-tool")
    if tool is None:
        return refuse(_ABSENT)
    if tool.value("tool") == "microdnf":
        return refuse(_MICRODNF)
    plan, table = sections.find("dnf-plan"), sections.find("dnf-table")
    if plan is not None and plan.exit_status == 0:
        return _read_rows(plan, order)
    if table is None:
        return refuse(_describe("its simulation", plan or tool))
    if table.exit_status not in _ANSWERED:
        return refuse(_describe("upgrade --assumeno", table))
    return _read_table(parse_table(table), order, table)


@dataclass(slots=True)
class _Rows:
    """The rows, sorted by what they say; a package that comes is (kind, name, evr, architecture, size, is cached)."""

    comes: list[tuple[ChangeKind, str, str, str, int, bool]] = field(default_factory=list)
    goes: dict[tuple[str, str], str] = field(default_factory=dict)
    gone: list[tuple[str, str, str]] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    unsolvable: str = ""
    disk_bytes: int = 0
    is_whole: bool = False


def _read_rows(section: Section, order: JobOrder) -> Simulation:
    rows = _Rows()
    for number, line in section.lines():
        kind, *words = line.split("\t")
        if not _add_row(rows, kind, words):
            raise UnreadableOutput(section.name, number, clean(line))
    if not rows.is_whole:
        raise UnreadableOutput(section.name, 1, "(the plan has no end)")
    changes = tuple(_list_changes(rows))
    kept = find_kept(order, changes, _is_same, lambda package: _explain(rows, package))
    fetched = sum(size for _, _, _, _, size, is_cached in rows.comes if not is_cached)
    return summarise(changes, kept, rows.unsolvable, download_bytes=fetched, disk_bytes=rows.disk_bytes)


def _add_row(rows: _Rows, kind: str, words: list[str]) -> bool:
    if kind == "plan" and len(words) == _WORDS_OF_PLAN:
        return _add_item(rows, words)
    if kind == "kept" and len(words) == 2:
        rows.kept.setdefault(words[0], clean(words[1], 500))
    elif kind == "problem" and len(words) == 1:
        rows.problems.append(clean(words[0], 2_000))
    elif kind == "unsolvable" and len(words) == 1:
        rows.unsolvable = clean(words[0], 500)
    elif kind == "end" and not words:
        rows.is_whole = True
    else:
        return False
    return True


def _add_item(rows: _Rows, words: list[str]) -> bool:
    action, raw_name, raw_evr, raw_architecture, size, installed_size, cached = words
    if not (_is_number(size) and _is_number(installed_size)):
        return False
    name, evr, architecture = clean_name(raw_name), normal_evr(clean_name(raw_evr)), clean_name(raw_architecture)
    if action in _COMES:
        rows.comes.append((_COMES[action], name, evr, architecture, int(size), cached == "yes"))
        rows.disk_bytes += int(installed_size)
    elif action in _GOES:
        rows.goes[name, architecture] = evr
        rows.disk_bytes -= int(installed_size)
        if action in ("Obsoleted", "Erase", "Removed"):
            rows.gone.append((name, architecture, evr))
    else:
        return action == _REASON
    return True


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16


def _list_changes(rows: _Rows) -> list[PackageChange]:
    """What comes, with the version that it takes the place of, and then what goes for good.

    The oldest of several kernels goes when a new one comes: that is an upgrade of it, and no removal.
    """
    by_name = {name: evr for (name, _), evr in rows.goes.items()}
    changes = []
    for kind, name, evr, architecture, size, _ in rows.comes:
        old = rows.goes.get((name, architecture), by_name.get(name, ""))
        is_upgrade = kind is ChangeKind.INSTALL and old
        changes.append(PackageChange(ChangeKind.UPGRADE if is_upgrade else kind, name, architecture, old, evr, size))
    coming = {change.name for change in changes}
    gone = [PackageChange(ChangeKind.REMOVE, *package) for package in rows.gone if package[0] not in coming]
    return [*changes, *gone]


def _explain(rows: _Rows, package: PackageOrder) -> str:
    """dnf's words for why an ordered package does not come."""
    names = (f"{package.name}-{package.version}.", f"{package.name}-{package.installed_version}.")
    problem = next((text for text in rows.problems if any(name in text for name in names)), "")
    if problem:
        return problem
    spec = f"{package.name}-{package.version if ':' in package.version else f'0:{package.version}'}."
    return next((words for said, words in rows.kept.items() if said.startswith(spec)), rows.unsolvable)


def _is_same(one: str, other: str) -> bool:
    return evr_key(one) == evr_key(other)


def _read_table(table: DnfTable, order: JobOrder, section: Section) -> Simulation:
    installed = {(package.name, package.architecture): package.installed_version for package in order.packages}
    changes = tuple(
        change
        if change.from_version or change.kind is not ChangeKind.UPGRADE
        else PackageChange(
            change.kind,
            change.name,
            change.architecture,
            normal_evr(clean_name(installed.get((change.name, change.architecture), ""))),
            change.to_version,
            change.size_bytes,
        )
        for change in table.changes
    )
    problem = table.error if not changes else ""
    if not changes and not problem and section.exit_status == 0 and not table.is_nothing:
        raise UnreadableOutput(section.name, 1, "(neither a table of changes nor a word that there are none)")
    kept = find_kept(order, changes, _is_same, lambda package: _explain_in_table(table, package))
    return summarise(changes, kept, problem, download_bytes=table.download_bytes, disk_bytes=table.disk_bytes)


def _explain_in_table(table: DnfTable, package: PackageOrder) -> str:
    return _first(table.notices, package.name) or table.skipped.get(package.name, "") or table.error


def _first(lines: Sequence[str], name: str) -> str:
    return next((line for line in lines if f"{name}-" in line or f" {name} " in f"{line} "), "")


def _describe(command: str, section: Section) -> str:
    how = "took too long" if section.is_timed_out else f"exited {section.exit_status}"
    return f"{command} {how}: {section.error_text or 'no message'}"
