"""Which machines a run is for: the targets of a deployment, over what is enrolled and enabled now."""

from dataclasses import dataclass

from fleet.deployments.deployment import Deployment
from fleet.deployments.waves import find_empty_targets, plan_waves, wave_text
from fleet.machines import Machine
from fleet.name_lists import some_of
from fleet.scope import Outside
from fleet.targets import find_machines
from ops.groups import group_members
from ops.home import Home
from ops.scope import describe_left_out, sift
from ops.state.database import opened
from ops.state.machines import MachineBook

_NAMES_SAID = 10


@dataclass(frozen=True, slots=True)
class Resolved:
    """The machines of a run, in waves; ``notes`` say what targets did not give, a line each. ``outside`` are enabled
    machines that targets name and the scope leaves out.
    """

    waves: tuple[tuple[Machine, ...], ...]
    notes: tuple[str, ...]
    outside: tuple[Outside, ...] = ()

    @property
    def machines(self) -> tuple[Machine, ...]:
        """All machines, in the order of the waves."""
        return tuple(machine for wave in self.waves for machine in wave)


def resolve_targets(home: Home, deployment: Deployment) -> Resolved:
    """The enabled machines that ``deployment`` names and the scope allows. A target that names none is said, and so are
    disabled machines and those outside the scope.

    Blocking, but short.

    Raises:
        BadInput: a target or a wave that cannot be used.
    """
    with opened(home.state_file) as connection:
        enrolled = MachineBook(connection).list_machines()
    groups = group_members(home)
    chosen, missing = find_machines(deployment.targets, enrolled, groups)
    notes = [*missing]
    sifted = sift(home, (machine for machine in chosen if machine.enabled))
    enabled = sifted.inside
    disabled = [machine.name for machine in chosen if not machine.enabled]
    if disabled:
        notes.append(f"Disabled, and left out: {some_of(sorted(disabled), _NAMES_SAID)}.")
    notes += describe_left_out(sifted.outside, len(chosen))
    notes += [
        f"The wave {wave_text(rule)!r} has no machine of this run."
        for rule in find_empty_targets(enabled, deployment.rollout, groups)
    ]
    return Resolved(plan_waves(enabled, deployment.rollout, groups), tuple(notes), sifted.outside)
