"""The hash of a plan, and in words what two plans differ in.

The hash is over what would be done: the deployment's name, the machines on which something can be done, and each change
of each transaction with both versions, removals too. It is not over the order of machines and changes, times, sizes,
predictions, warnings, and what is left out and why: an exclusion that expires matters once it changes a transaction.
Machines without any change are in it, since scripts run and reboots are made there; those with a problem are not.
How it would be done (reboots, scripts, window, waves) is in it where `describe_behaviour` is given.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict

from fleet.deployments.deployment import Deployment
from fleet.deployments.plan import ChangeKind, MachinePlan, PackageChange, Plan
from fleet.deployments.reboot_rules import USUAL_RETURN_MINUTES
from fleet.deployments.update_rules import UpdateRules
from fleet.hostile import clean, clean_name

_VERBS = {
    ChangeKind.UPGRADE: "upgraded",
    ChangeKind.INSTALL: "installed",
    ChangeKind.REMOVE: "removed",
    ChangeKind.DOWNGRADE: "downgraded",
    ChangeKind.REINSTALL: "reinstalled",
}

ChangeKey = tuple[str, str, str, str, str]


def hash_plan(deployment_name: str, machines: Sequence[MachinePlan], behaviour: str = "") -> str:
    """SHA-256 in hexadecimal; ``behaviour`` is what `describe_behaviour` gives."""
    done = sorted((machine.machine_id, sorted(_keys(machine))) for machine in machines if not machine.problem)
    return hashlib.sha256(_json([deployment_name, done, behaviour]).encode()).hexdigest()


def describe_behaviour(deployment: Deployment, script_hashes: Mapping[str, str] | None = None) -> str:
    """What of ``deployment`` says how a plan is carried out, as canonical text for `hash_plan`.

    ``script_hashes`` are the hashes of what the script files hold now, by path.
    """
    scripts = [
        {
            "stage": script.stage,
            "place": script.place,
            "path": script.path,
            "parameters": dict(script.parameters),
            "timeout_seconds": script.timeout_seconds,
            "on_failure": script.on_failure,
            "hash": (script_hashes or {}).get(script.path, ""),
        }
        for script in deployment.scripts
    ]
    reboot = {**asdict(deployment.reboot), "return_minutes": _return_minutes(deployment)}
    rules = _rules(deployment.updates)
    return _json((reboot, asdict(deployment.window), asdict(deployment.rollout), rules, scripts))


def _rules(rules: UpdateRules) -> Mapping[str, object]:
    """What of ``rules`` is no matter of choice. Fields that came later are in it where they say something: hashes of
    before stay what they were.
    """
    given = {"allow_new": rules.allow_new_packages, "allow_removals": rules.allow_removals}
    later = {"accept_licences": rules.accept_licences, "allow_optional": rules.allow_optional}
    rounds = {} if rules.rounds is None else {"rounds": rules.rounds}
    return {**given, **{name: value for name, value in later.items() if value}, **rounds}


def _return_minutes(deployment: Deployment) -> int:
    given = deployment.reboot.return_minutes
    return USUAL_RETURN_MINUTES if given is None else given


def find_drift(old: Plan, new: Plan) -> tuple[str, ...]:
    """What of ``new`` is not as in ``old``, a line for each, machines by name; empty just where the hashes agree."""
    if old.hash == new.hash:
        return ()
    lines = []
    before, after = _by_id(old.machines), _by_id(new.machines)
    problems = {machine.machine_id: machine.problem for machine in new.machines if machine.problem}
    names = {machine.machine_id: machine.machine_name for machine in (*old.machines, *new.machines)}
    for machine_id in sorted({*before, *after}, key=lambda known: (names[known], known)):
        name = clean_name(names[machine_id])
        if machine_id not in after:
            why = problems.get(machine_id)
            lines.append(f"{name}: nothing can be done any more: {why}" if why else f"{name}: is no longer in the plan")
        elif machine_id not in before:
            count = len(after[machine_id].simulation.changes)
            lines.append(f"{name}: is new in the plan, with {count} change{'' if count == 1 else 's'}")
        else:
            lines.extend(f"{name}: {words}" for words in _compare(before[machine_id], after[machine_id]))
    if old.deployment != new.deployment:
        lines.append(f"the plan is of {new.deployment}, not of {old.deployment}")
    return tuple(lines) or ("reboots, scripts, window, waves or rounds of the deployment are others",)


def _by_id(machines: Iterable[MachinePlan]) -> dict[str, MachinePlan]:
    return {machine.machine_id: machine for machine in machines if not machine.problem}


def _keys(machine: MachinePlan) -> set[ChangeKey]:
    return {
        (change.name, change.architecture, change.kind.value, change.from_version, change.to_version)
        for change in machine.simulation.changes
    }


def _compare(old: MachinePlan, new: MachinePlan) -> Iterator[str]:
    before, after = _by_package(old, _keys(new)), _by_package(new, _keys(old))
    left_out = {(left.update.name, left.update.architecture): left.detail for left in new.selection.left_out}
    for package in sorted({*before, *after}):
        was, will = before.get(package), after.get(package)
        if was and will:
            yield f"{_say(will)}, before: {_say_change(was)}"
        elif will:
            yield f"{_say(will)} too"
        elif was:
            why = left_out.get(package)
            yield f"{_say(was)} no longer{f': {clean(why)}' if why else ''}"


def _by_package(machine: MachinePlan, others: set[ChangeKey]) -> dict[tuple[str, str], PackageChange]:
    """The changes that the other plan has not."""
    ordered = sorted(
        machine.simulation.changes, key=lambda change: (change.kind, change.from_version, change.to_version)
    )
    return {
        (change.name, change.architecture): change
        for change in ordered
        if (change.name, change.architecture, change.kind.value, change.from_version, change.to_version) not in others
    }


def _say(change: PackageChange) -> str:
    return f"{clean_name(change.name)} would be {_say_change(change)}"


def _say_change(change: PackageChange) -> str:
    versions = " → ".join(clean_name(version) for version in (change.from_version, change.to_version) if version)
    return f"{_VERBS[change.kind]} {versions}".strip()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
