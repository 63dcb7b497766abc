"""What is other on a fake machine that is a Windows: updates that come after others, and are there after a restart."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment
from fleet.deployments.jobs import JobKind
from fleet.deployments.plan import WINDOWS_MANAGER
from fleet.facts import MachineFacts
from fleet.failures import Finding, FindingKind, Severity
from fleet.machines import OSType
from fleet.updates import Classification, RebootBehavior, Update, WindowsUpdate

if TYPE_CHECKING:
    from tests.ops.deployments.fake_machines import FakeState

_OF_THE_FAKE = ("after", "restarts", "rolls_back", "fails_once", "classification")


def assess_windows(machine_id: str, name: str, state: "FakeState", now: datetime) -> Assessment:
    """What it would say: what waits for a restart is offered still, and what is installed is known by its id."""
    return Assessment(
        machine_id,
        name,
        now - timedelta(seconds=1),
        now,
        Coverage.COMPLETE,
        MachineFacts(
            os_type=OSType.WINDOWS,
            package_manager=WINDOWS_MANAGER,
            boot_id=f"boot-{state.boot}",
            reboot_required=Answer.YES if _is_pending(state) else Answer.NO,
        ),
        tuple(_update(name, version, state) for name, version in state.offered.items() if _is_offered(state, name)),
        {(f"{version}-id", ""): version for version in state.installed.values()},
        findings=_findings(state),
    )


def restarts(state: "FakeState", name: str) -> bool:
    """Whether the update is in place only after a restart."""
    return bool(state.windows.get(name, {}).get("restarts"))


def part_windows(state: "FakeState", packages: Sequence[list[str]]) -> list[list[list[str]]]:
    """The batches of a job: what is exclusive is alone, the others are together."""
    parts: list[list[list[str]]] = []
    for package in packages:
        is_alone = state.windows[package[0]].get("is_exclusive", False)
        if parts and not is_alone and not state.windows[parts[-1][0][0]].get("is_exclusive", False):
            parts[-1].append(package)
        else:
            parts.append([package])
    return parts


def must_restart(state: "FakeState", kind: JobKind, batches: Sequence[dict[str, Any]], part: list[list[str]]) -> bool:
    """Whether Windows refuses the batch until it was restarted."""
    if not state.windows or kind is not JobKind.INSTALL:
        return False
    before = [name for batch in batches if batch["outcome"] == "succeeded" for name, _ in batch["packages"]]
    is_alone = any(state.windows[name].get("is_exclusive") for name, _ in part)
    return _is_pending(state) or (is_alone and any(restarts(state, name) for name in before))


def put_in_place(state: "FakeState") -> None:
    """What a restart does to what waits for it."""
    state.installed |= {n: v for n, v in state.pending.items() if not state.windows.get(n, {}).get("rolls_back")}
    state.pending, state.has_old_pending = {}, False


def _is_pending(state: "FakeState") -> bool:
    return bool(state.pending) or state.has_old_pending


def _is_offered(state: "FakeState", name: str) -> bool:
    before = state.windows[name].get("after")
    return name not in state.installed and (before is None or before in state.installed)


def _update(name: str, version: str, state: "FakeState") -> Update:
    told = state.windows[name]
    known = {field: value for field, value in told.items() if field not in _OF_THE_FAKE}
    if "reboot_behavior" in known:
        known["reboot_behavior"] = RebootBehavior(known["reboot_behavior"])
    return Update(
        name,
        "",
        "",
        version,
        Classification(told.get("classification", Classification.SECURITY.value)),
        "Windows Update",
        "",
        advisories=(version,),
        windows=WindowsUpdate(f"{version}-id", "200", **known),
    )


def _findings(state: "FakeState") -> tuple[Finding, ...]:
    if not state.is_agent_broken:
        return ()
    return (Finding(FindingKind.UPDATE_AGENT_BROKEN, Severity.ERROR, "The agent is broken (0x80248007).", "Mend it."),)
