"""Machines that are one and the same, and machines that became another, are noticed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.facts import MachineFacts
from fleet.failures import FindingKind
from fleet.machines import Machine, TransportKind
from fleet.retired import RetiredMachine
from fleet.status import MachineStatus, summarise
from ops.assess_identity import notice_identities

AT = datetime(2026, 11, 20, tzinfo=UTC)
Assess = Callable[[str, str | None], Assessment]


@pytest.fixture
def assess() -> Assess:
    """An answer of the machine called so, with that /etc/machine-id."""

    def make(name: str, identity: str | None) -> Assessment:
        return Assessment(name, name, AT, AT, Coverage.COMPLETE, facts=MachineFacts(machine_id=identity))

    return make


def known(assessment: Assessment) -> MachineStatus:
    machine = Machine(assessment.machine_id, assessment.machine_name, TransportKind.SSH, AT)
    return MachineStatus(machine, summarise(assessment), summarise(assessment))


def kinds(assessments: list[Assessment]) -> dict[str, list[FindingKind]]:
    return {assessment.machine_name: [finding.kind for finding in assessment.findings] for assessment in assessments}


def test_clones_in_one_scan_are_noticed_on_each(assess: Assess) -> None:
    """Both get the finding, the third does not."""
    noticed = notice_identities([assess("a", "1"), assess("b", "1"), assess("c", "2")], [])

    assert kinds(noticed) == {"a": [FindingKind.IDENTITY_SHARED], "b": [FindingKind.IDENTITY_SHARED], "c": []}


def test_a_clone_of_a_machine_that_was_scanned_before_is_noticed(assess: Assess) -> None:
    """The other machine need not be part of this scan."""
    noticed = notice_identities([assess("b", "1")], [known(assess("a", "1"))])

    assert kinds(noticed) == {"b": [FindingKind.IDENTITY_SHARED]}
    assert "also that of a." in noticed[0].findings[0].text


def test_a_machine_is_no_clone_of_its_own_past(assess: Assess) -> None:
    """The same machine with the same id is the ordinary case."""
    assert kinds(notice_identities([assess("a", "1")], [known(assess("a", "1"))])) == {"a": []}


def test_a_machine_that_has_taken_a_new_id_does_not_count_with_its_old_one(assess: Assess) -> None:
    """A clone that was given its own id is noticed as changed, and nobody shares anything any more."""
    noticed = notice_identities(
        [assess("a", "2"), assess("b", "1")], [known(assess("a", "1")), known(assess("b", "1"))]
    )

    assert kinds(noticed) == {"a": [FindingKind.IDENTITY_CHANGED], "b": []}


def test_machines_without_an_id_share_nothing(assess: Assess) -> None:
    """Unknown is not equal to unknown."""
    assert kinds(notice_identities([assess("a", None), assess("b", None)], [])) == {"a": [], "b": []}


def test_many_clones_are_counted_not_listed(assess: Assess) -> None:
    """The finding stays one line."""
    noticed = notice_identities([assess(f"m{number:03}", "1") for number in range(50)], [])

    assert "and 44 more" in noticed[0].findings[0].text


def test_copies_of_a_virtual_machine_are_noticed_by_their_firmware(assess: Assess) -> None:
    """Each has its own machine-id already, and the same UUID of its firmware."""

    def copy(name: str, identity: str) -> Assessment:
        made = assess(name, identity)
        return replace(made, facts=replace(made.facts, system_uuid="4c4c4544-0042-3510-8052-b4c04f4e3132"))

    noticed = notice_identities([copy("a", "1"), copy("b", "2"), assess("c", "3")], [])

    assert kinds(noticed) == {"a": [FindingKind.IDENTITY_SHARED], "b": [FindingKind.IDENTITY_SHARED], "c": []}
    assert "firmware" in noticed[0].findings[0].text


def test_clones_that_share_a_host_key_are_noticed_and_a_new_key_is_no_change(assess: Assess) -> None:
    """Copies get a machine-id of their own at their first boot, and mostly keep the key; each can pose as the other."""

    def shows(name: str, host_key: str) -> Assessment:
        made = assess(name, f"id of {name}")
        return replace(made, facts=replace(made.facts, host_key=host_key))

    noticed = notice_identities(
        [shows("a", "SHA256:x"), shows("c", "SHA256:z")], [known(shows("b", "SHA256:x")), known(shows("c", "SHA256:y"))]
    )

    assert kinds(noticed) == {"a": [FindingKind.IDENTITY_SHARED], "c": []}
    assert noticed[0].findings[0].text == "Its SSH host key SHA256:x is also that of b."
    assert "ssh-keygen -A" in noticed[0].findings[0].remedy


def test_a_clone_names_all_others_of_the_fleet(assess: Assess) -> None:
    """Those of this scan and those that an earlier one saw."""
    noticed = notice_identities([assess("b", "1"), assess("c", "1")], [known(assess("a", "1"))])

    assert ["a, c." in noticed[0].findings[0].text, "a, b." in noticed[1].findings[0].text] == [True, True]


def test_a_change_is_told_until_somebody_acts(assess: Assess) -> None:
    """Not at one scan alone: whoever looks a day later must see it too; after a reinstallation it is not."""
    (first,) = notice_identities([assess("a", "2")], [known(assess("a", "1"))])
    (again,) = notice_identities([assess("a", "2")], [known(first)])

    assert [finding.text for finding in again.findings] == ["/etc/machine-id was 1 and is 2."]
    assert "patchdeck machines reinstalled a" in again.findings[0].remedy
    assert kinds(notice_identities([assess("a", "2")], [])) == {"a": []}


def test_two_machines_at_one_address_are_told_at_each_swing(assess: Assess) -> None:
    """The last change is what is said."""
    (first,) = notice_identities([assess("a", "2")], [known(assess("a", "1"))])
    (back,) = notice_identities([assess("a", "1")], [known(first)])

    assert [finding.text for finding in back.findings] == ["/etc/machine-id was 2 and is 1."]


def test_a_retired_machine_that_is_enrolled_anew_is_noticed(assess: Assess) -> None:
    """Its history stays with the retired one; the finding says how to have both together."""
    status = known(assess("old", "1"))
    retired = RetiredMachine(status.machine, AT, "anna", "", status.last_attempt, status.last_answer)

    (noticed,) = notice_identities([assess("new", "1")], [], [retired])

    (finding,) = noticed.findings
    assert (finding.kind, "old (id old), retired on 2026-11-20 by anna" in finding.text) == (
        FindingKind.IDENTITY_SHARED,
        True,
    )
    assert "patchdeck machines restore old" in finding.remedy
