"""A plan for people: machine by machine what would be done, what is left out and why, and whether it fits."""

import textwrap
from collections import Counter
from collections.abc import Iterator

from fleet.answers import Answer
from fleet.deployments.plan import ChangeKind, MachinePlan, PackageChange, Plan
from fleet.deployments.window import Window
from fleet.hostile import clean
from fleet.name_lists import some_of
from ops.cli.left_out_text import MOST_LEFT_OUT, left_out_texts
from ops.cli.run_texts import format_seconds
from ops.cli.update_listing import show_size
from ops.cli.values import as_text, count_of

_WORDS = {
    ChangeKind.UPGRADE: ("to be upgraded", "upgrade"),
    ChangeKind.INSTALL: ("new", "install"),
    ChangeKind.REMOVE: ("to be removed", "remove"),
    ChangeKind.DOWNGRADE: ("to be downgraded", "downgrade"),
    ChangeKind.REINSTALL: ("to be installed again", "reinstall"),
}
_INDENT = "  "
_WIDEST_VERB = max(len(word) for _, word in _WORDS.values())


def plan_lines(plan: Plan, window: Window, *, width: int | None, all_left_out: bool = False) -> Iterator[str]:
    """The plan as text, long lines wrapped at ``width`` cells. The hash is the last line.

    Of a reason for which many updates of a machine are left out only their number is told, unless ``all_left_out``.
    """
    for machine in plan.machines:
        for line in _machine_lines(machine, window, most=None if all_left_out else MOST_LEFT_OUT):
            yield from _wrapped(line, width)
        yield ""
    yield f"plan {plan.hash or 'without hash'}"


def describe_plan(plan: Plan) -> Iterator[str]:
    """The plan in a few lines: how much on how many machines, which will not fit, which nothing can be done on."""
    able = [machine for machine in plan.machines if not _problem(machine)]
    changes = sum(len(machine.simulation.changes) for machine in able)
    touched = sum(bool(machine.simulation.changes) for machine in able)
    total = count_of(len(plan.machines), "machine")
    yield f"{count_of(changes, 'package change')} on {touched} of {total}, in {_waves(plan)}."
    for text, names in (
        ("nothing can be done on", [each.machine_name for each in plan.machines if _problem(each)]),
        ("would install nothing as it stands:", [each.machine_name for each in able if each.obstacles]),
        ("will not fit into the window:", [each.machine_name for each in able if each.fits is Answer.NO]),
        ("no history to predict how long it takes:", [each.machine_name for each in able if _is_unpredicted(each)]),
    ):
        if names:
            yield clean(f"{len(names)} of {total}: {text} {some_of(names, 10)}")


def _machine_lines(machine: MachinePlan, window: Window, *, most: int | None) -> Iterator[str]:
    yield f"{machine.machine_name}  wave {machine.wave + 1}  {machine.package_manager}".rstrip()
    problem = _problem(machine)
    if problem:
        yield f"{_INDENT}! nothing can be done: {problem}"
    else:
        yield f"{_INDENT}{_summary(machine)}"
        yield f"{_INDENT}{_prediction(machine, window)}"
    yield f"{_INDENT}reboot: {_reboot(machine.reboot_expected)}"
    if machine.services_to_restart:
        yield f"{_INDENT}services to restart: {as_text(machine.services_to_restart)}"
    for obstacle in machine.obstacles:
        yield f"{_INDENT}! would install nothing as it stands: {obstacle}"
    for warning in (each for each in machine.warnings if each not in machine.obstacles):
        yield f"{_INDENT}! {warning}"
    for change in machine.simulation.changes:
        yield f"{_INDENT}{_change(change)}"
    for what in left_out_texts(machine.selection.left_out, most):
        yield f"{_INDENT}{'left out':<{_WIDEST_VERB}} {what}"
    for kept in machine.simulation.kept:
        yield f"{_INDENT}{'kept':<{_WIDEST_VERB}} {kept.name}{f': {kept.words}' if kept.words else ''}"


def _problem(machine: MachinePlan) -> str:
    return machine.problem or machine.simulation.problem


def _summary(machine: MachinePlan) -> str:
    kinds = Counter(change.kind for change in machine.simulation.changes)
    counts = ", ".join(f"{kinds[kind]} {word}" for kind, (word, _) in _WORDS.items() if kinds[kind])
    download, disk = machine.simulation.download_bytes, machine.simulation.disk_bytes
    sizes = [
        "download unknown" if download is None else f"{show_size(download)} to download",
        "" if disk is None else f"{show_size(abs(disk))} {'more' if disk >= 0 else 'less'} on disk",
    ]
    return "; ".join(part for part in (counts or "nothing to do", *(sizes if kinds else ())) if part)


def _prediction(machine: MachinePlan, window: Window) -> str:
    of_window = f"window of {format_seconds(window.minutes * 60)}"
    if machine.predicted_seconds is None:
        return f"time needed: unknown, there is no history; {of_window}"
    mark = {Answer.NO: "! WILL NOT FIT into the", Answer.YES: "fits into the"}.get(machine.fits, "of a")
    return f"time needed: about {format_seconds(machine.predicted_seconds)}, {mark} {of_window}"


def _reboot(expected: Answer) -> str:
    return {Answer.YES: "expected", Answer.NO: "not expected"}.get(expected, "unknown")


def _change(change: PackageChange) -> str:
    versions = " -> ".join(version for version in (change.from_version, change.to_version) if version)
    size = f" ({show_size(change.size_bytes)})" if change.size_bytes is not None else ""
    architecture = f":{change.architecture}" if change.architecture else ""
    return f"{_WORDS[change.kind][1]:<{_WIDEST_VERB}} {change.name}{architecture} {versions}{size}"


def _is_unpredicted(machine: MachinePlan) -> bool:
    return bool(machine.simulation.changes) and machine.predicted_seconds is None


def _waves(plan: Plan) -> str:
    return count_of(len({machine.wave for machine in plan.machines}), "wave")


def _wrapped(line: str, width: int | None) -> list[str]:
    # `clean` takes the indentation away.
    indent = line[: len(line) - len(line.lstrip())]
    text = f"{indent}{clean(line)}"
    if width is None or len(text) <= width:
        return [text]
    return textwrap.wrap(text, width, subsequent_indent=f"{indent}    ", break_on_hyphens=False) or [text]
