"""A deployment as an administrator defines it."""

from dataclasses import dataclass, field

from fleet.deployments.reboot_rules import RebootRules
from fleet.deployments.rollout import Rollout
from fleet.deployments.schedule import Schedule
from fleet.deployments.scripts import Script
from fleet.deployments.update_rules import UpdateRules
from fleet.deployments.window import Window


@dataclass(frozen=True, slots=True)
class Deployment:
    """What is installed where, when and how. ``targets`` are TARGET expressions, resolved when a run begins.

    Without ``schedule`` it runs when asked only. ``predownload_minutes`` is how long before the window opens machines
    begin to download; 0: they don't. ``needs_approval`` is how many others must approve a run's plan before it begins.
    ``channels`` are told when a run begins and ends, when it waits for approval, and ``notice_hours`` before each
    start; None: they are given no notice.
    """

    name: str
    targets: tuple[str, ...]
    updates: UpdateRules = field(default_factory=UpdateRules)
    schedule: Schedule | None = None
    window: Window = field(default_factory=Window)
    reboot: RebootRules = field(default_factory=RebootRules)
    scripts: tuple[Script, ...] = ()
    rollout: Rollout = field(default_factory=Rollout)
    predownload_minutes: int = 0
    description: str = ""
    enabled: bool = True
    needs_approval: int = 0
    channels: tuple[str, ...] = ()
    notice_hours: float | None = None
