"""What a deployment would come to by what is known: updates by class, restarts, time against the window."""

from dataclasses import replace
from datetime import UTC, datetime

from fleet.answers import Answer
from fleet.deployments.deployment import Deployment
from fleet.deployments.outlook import ClassOutlook, KnownMachine, foresee
from fleet.deployments.prediction import PastInstall
from fleet.deployments.reboot_rules import RebootPolicy, RebootRules
from fleet.deployments.update_rules import UpdateMask, UpdateRules
from fleet.deployments.window import Window
from fleet.facts import MachineFacts
from fleet.updates import Classification, Update

_NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
_FACTS = MachineFacts(package_manager="apt", reboot_required=Answer.NO)
_WEB = Deployment("web", ("all",), UpdateRules(classes=(Classification.SECURITY, Classification.CRITICAL)))


def _update(name: str, classification: Classification = Classification.SECURITY) -> Update:
    return Update(name, "amd64", "1", "2", classification, "", "", size_bytes=1_000)


def _past(packages: int, seconds: float) -> PastInstall:
    return PastInstall("a", "apt", packages, seconds, 1_000 * packages, 120.0)


_MACHINES = [
    KnownMachine("a", "web-1", _FACTS, [_update("openssl"), _update("linux-image-6.1.0-41-amd64")]),
    KnownMachine("b", "web-2", _FACTS, [_update("openssl"), _update("sudo", Classification.CRITICAL)]),
    KnownMachine("c", "web-3", _FACTS, [_update("vim", Classification.OTHERS)]),
    KnownMachine("d", "web-4", None),
]
_HISTORY = [_past(count, 60.0 * count) for count in (1, 2, 4, 8)]


def test_updates_are_counted_by_class_and_machine() -> None:
    """What no machine is chosen for is idle; what was never assessed is said apart."""
    found = foresee(_WEB, _MACHINES, _HISTORY, _NOW)

    assert (found.total, found.unassessed, found.idle, found.updates) == (4, 1, 1, 4)
    assert set(found.classes) == {
        ClassOutlook(Classification.CRITICAL, 1, 1), ClassOutlook(Classification.SECURITY, 3, 2),
    }  # fmt: skip
    assert [(each.name, each.updates, each.reboots) for each in found.machines] == [
        ("web-1", 2, True), ("web-2", 2, False),
    ]  # fmt: skip


def test_rules_and_window_decide() -> None:
    """An exclusion takes its update away; a window too short for the careful time does not fit; ONLY restarts all."""
    excluded = replace(_WEB, updates=replace(_WEB.updates, exclude=(UpdateMask("openssl"),)))
    assert foresee(excluded, _MACHINES, _HISTORY, _NOW).updates == 2

    short = foresee(replace(_WEB, window=Window(12, 1, 1)), _MACHINES, _HISTORY, _NOW)
    assert [each.name for each in short.too_long] == ["web-1"]
    assert foresee(replace(_WEB, window=Window(120)), _MACHINES, _HISTORY, _NOW).too_long == ()

    only = replace(_WEB, updates=UpdateRules(), reboot=RebootRules(RebootPolicy.ONLY))
    assert [each.reboots for each in foresee(only, _MACHINES, _HISTORY, _NOW).machines] == [True] * 3


def test_without_history_nothing_is_claimed() -> None:
    """How long it takes is not known, and so is whether it fits."""
    found = foresee(_WEB, _MACHINES, [], _NOW)

    assert found.untold == 2
    assert {each.fits for each in found.machines} == {Answer.UNKNOWN}
