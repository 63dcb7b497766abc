"""What apt would do for an order: its plan, as changes with versions and sizes."""

import re
from collections.abc import Iterator, Mapping

from collectors.managers.apt_plan import Plan, is_whole, parse_plan
from collectors.sections import Section, Sections
from fleet.deployments.jobs import JobOrder
from fleet.deployments.plan import ChangeKind, Kept, PackageChange, Simulation
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, clean_name, decode

_INTERRUPTED = "dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem."
_ERROR = re.compile(r"E: (?P<words>.*)")


def read_simulation(sections: Sections, order: JobOrder) -> Simulation:
    """What ``install_apt`` (collectors/jobs/apt.sh) would do.

    Packages that apt refuses alone are ``kept`` with its words, and the rest is what is simulated.

    Raises:
        UnreadableOutput: apt printed something that fits no known shape.
    """
    if sections.get("apt-interrupted").exit_status == 0:
        return Simulation(problem=_INTERRUPTED)
    section = sections.get("apt-simulation")
    kept = tuple(_read_refused(sections.find("apt-refused")))
    if section.exit_status != 0:
        return Simulation(kept=kept, problem=_words(section))
    if not is_whole(section):
        raise UnreadableOutput(section.name, 1, "(apt's summary is missing)")
    plan = parse_plan(section)
    downloaded = {line for _, line in sections.get("apt-downloaded").lines()}
    return Simulation(
        changes=tuple(_changes(plan, order, _read_removed(sections.find("apt-removed")))),
        kept=(*kept, *_left_by(plan, order)),
        download_bytes=sum(size for file, size in plan.files.items() if file not in downloaded),
        disk_bytes=plan.disk_bytes,
    )


def _words(section: Section) -> str:
    """apt's own errors, else the last line that it printed."""
    if section.is_timed_out:
        return "apt-get did not answer in time."
    lines = [line.strip() for line in decode(section.stderr).splitlines() if line.strip()]
    errors = [match["words"] for line in lines if (match := _ERROR.fullmatch(line))]
    printed = [line for _, line in section.lines()]
    return clean(" ".join(errors or lines[-1:] or printed[-1:]) or f"apt-get ended with {section.exit_status}", 1000)


def _read_refused(section: Section | None) -> Iterator[Kept]:
    for number, line in section.lines() if section else ():
        order, bar, words = line.partition("|")
        if not bar:
            raise UnreadableOutput("apt-refused", number, clean(line))
        errors = [part.strip() for part in words.split("E: ") if part.strip()]
        yield Kept(clean_name(order.partition("\t")[0]), clean(" ".join(errors), 500))


def _left_by(plan: Plan, order: JobOrder) -> Iterator[Kept]:
    """What was asked for and is not changed: kept back, deferred, or there already."""
    ordered = {package.name for package in order.packages}
    for name in (*plan.kept_back, *plan.phased):
        if name.partition(":")[0] in ordered:
            yield Kept(name, "The following packages have been kept back")


def _read_removed(section: Section | None) -> Mapping[str, str]:
    """Installed versions by the name that dpkg gives, and by the bare one."""
    versions: dict[str, str] = {}
    for _, line in section.lines() if section else ():
        name, _, version = line.partition("\t")
        versions[clean_name(name)] = versions[clean_name(name.partition(":")[0])] = clean_name(version)
    return versions


def _changes(plan: Plan, order: JobOrder, removed: Mapping[str, str]) -> Iterator[PackageChange]:
    for name, change in plan.upgraded.items():
        yield _change(plan, order, ChangeKind.UPGRADE, name, change.old, change.new)
    for name in dict.fromkeys(plan.new):
        yield _change(plan, order, ChangeKind.INSTALL, name, "", plan.versions.get(name, ""))
    for name in dict.fromkeys(plan.removed):
        yield _change(plan, order, ChangeKind.REMOVE, name, removed.get(name, ""), "")


def _change(plan: Plan, order: JobOrder, kind: ChangeKind, name: str, old: str, new: str) -> PackageChange:
    bare, _, architecture = name.partition(":")
    sizes = plan.sizes.get((bare, new), {})
    if not architecture:
        wanted = [package.architecture for package in order.packages if package.name == bare]
        # apt leaves the machine's own architecture out; which one that is, the file says, or the order.
        architecture = next((each for each in (*wanted, *sizes) if each in sizes), wanted[0] if wanted else "")
    return PackageChange(kind, bare, architecture, old, new, sizes.get(architecture))
