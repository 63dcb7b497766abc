"""Of the deployments that do not name a machine, the one that nearly does, and the exact target that leaves it out."""

from collections.abc import Sequence

from fleet.deployments.deployment import Deployment
from fleet.machines import Machine


def find_nearest(deployments: Sequence[Deployment], machine: Machine, takes: Sequence[bool]) -> Deployment | None:
    """The deployment that is most like one for ``machine``; ``takes`` says of each whether its rules want the update.

    One that wants the update comes before one that does not, then one whose targets nearly fit, then one that is
    enabled, then by name. None where there is no deployment.
    """
    scored = [
        (wants, max((_closeness(target, machine) for target in each.targets), default=0), each.enabled, each)
        for each, wants in zip(deployments, takes, strict=True)
    ]
    return min(scored, key=lambda s: (not s[0], -s[1], not s[2], s[3].name.casefold()))[3] if scored else None


def why_not_named(targets: Sequence[str], machine: Machine) -> str:
    """Why each of ``targets`` does not name ``machine``, the nearest first: ``tag:env=prod, and it has env=test``."""
    nearest = sorted(targets, key=lambda target: -_closeness(target, machine))
    told = [_why(target, machine) for target in nearest[:3]]
    more = f"; and {len(targets) - 3} more targets" if len(targets) > 3 else ""
    return "; ".join(told) + more


def _closeness(target: str, machine: Machine) -> int:
    kind, colon, value = target.partition(":")
    if not colon:
        return 1 if "*" in target else 0
    if kind == "tag":
        return 3 if value.partition("=")[0] in machine.tags else 1
    return 2 if kind == "group" else 1


def _why(target: str, machine: Machine) -> str:
    kind, colon, value = target.partition(":")
    if not colon:
        return f"{target}, and it is called {machine.name}"
    if kind == "tag":
        key = value.partition("=")[0]
        has = f"has {key}={machine.tags[key]}" if key in machine.tags else f"has no tag {key}"
        return f"{target}, and it {has}"
    if kind == "os":
        return f"{target}, and it runs {machine.os_type.value if machine.os_type else 'a system that is not known'}"
    return f"{target}, and it is not in it"
