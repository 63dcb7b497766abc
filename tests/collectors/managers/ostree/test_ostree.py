"""Immutable systems of images are recognised, and never said to be current without a check."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.managers.manager import MachineContext, ManagerAnswer, ManagerFailed
from collectors.managers.ostree import Ostree
from collectors.sections import Section, Sections, split_answer
from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment
from fleet.errors import UnreadableOutput
from fleet.facts import UpdateModel
from fleet.failures import FailureKind, FindingKind
from fleet.updates import Classification

Read = Callable[..., Assessment]
Frame = Callable[..., str]


@pytest.fixture(name="ask")
def make_ask(frame: Frame, context: MachineContext) -> Callable[..., ManagerAnswer]:
    """What the manager answers to outputs: ``ask(status="ostree/silverblue-38.json")``."""

    def ask(status: str | None = None, bootc: str | None = None, refresh_exit: int | None = None) -> ManagerAnswer:
        text = frame(status, bootc, refresh_exit=refresh_exit).replace("@MARKER@", "marker")
        return Ostree().read(split_answer(text.encode(), b"", "marker"), context)

    return ask


def _kinds(answer: ManagerAnswer | Assessment) -> set[FindingKind]:
    return {finding.kind for finding in answer.findings}


def test_image_is_asked_for_before_dnf(read_text: Read, frame: Frame) -> None:
    """A Silverblue machine has dnf, which cannot change it."""
    answer = read_text(frame("ostree/silverblue-38.json"))
    assert answer.failure is None
    assert answer.facts.package_manager == "ostree"
    assert answer.coverage is Coverage.UNKNOWN
    assert FindingKind.IMMUTABLE_SYSTEM in _kinds(answer)
    assert answer.installed["curl", "x86_64"] == "7.87.0-7.fc38"


def test_read_only_and_full_root_is_no_trouble_of_an_image(read_text: Read, frame: Frame) -> None:
    """It is so on purpose; on any other machine patching could not work."""
    text = frame("ostree/silverblue-38.json")
    mounts = text.partition("begin mounts\n")[2].partition("\n")[0]
    answer = read_text(text, {mounts: "/ overlay ro,relatime\n/usr overlay ro,relatime"})
    assert FindingKind.READ_ONLY_FILESYSTEM not in _kinds(answer)
    assert answer.facts.update_model is UpdateModel.RPM_OSTREE
    assert answer.facts.reboot_required is Answer.NO  # what was captured is a container


def test_machine_without_a_check_is_unknown(ask: Callable[..., ManagerAnswer]) -> None:
    """No update on record is no sign that there is none."""
    answer = ask("ostree/rhel-8-edge.json")
    assert answer.updates == ()
    assert answer.coverage is Coverage.UNKNOWN
    assert FindingKind.LISTS_MISSING in _kinds(answer)
    assert answer.update_model is UpdateModel.RPM_OSTREE
    assert answer.reboot is not None
    assert answer.reboot.required is Answer.NO


@pytest.mark.parametrize("status", [0, 77])
def test_check_that_found_nothing_means_current(ask: Callable[..., ManagerAnswer], status: int) -> None:
    """rpm-ostree keeps no record of it, but it ended well a moment ago."""
    answer = ask("ostree/rhcos-4.12.json", refresh_exit=status)
    assert answer.updates == ()
    assert answer.coverage is Coverage.COMPLETE


def test_failed_check_is_shown(ask: Callable[..., ManagerAnswer]) -> None:
    """What is missing stays unknown."""
    answer = ask("ostree/rhcos-4.12.json", refresh_exit=1)
    assert answer.coverage is Coverage.UNKNOWN
    assert FindingKind.REFRESH_FAILED in _kinds(answer)


def test_staged_deployment_requires_a_reboot(ask: Callable[..., ManagerAnswer]) -> None:
    """It is done, but holds only after the next boot."""
    answer = ask("ostree/silverblue-38.json")
    assert answer.reboot is not None
    assert answer.reboot.required is Answer.YES
    assert "staged" in answer.reboot.reason
    assert FindingKind.UPDATE_STAGED in _kinds(answer)


def test_transaction_that_runs_is_shown(ask: Callable[..., ManagerAnswer]) -> None:
    """rpm-ostree does one thing at a time; its answer names what that is, and who asked for it."""
    status = json.loads(_read("ostree/silverblue-38.json"))
    status["transaction"] = ["upgrade", ":1.42", "/org/projectatomic/rpmostree1/fedora"]
    answer = ask(json.dumps(status))
    assert any(f.kind is FindingKind.PACKAGE_MANAGER_LOCKED and "upgrade" in f.text for f in answer.findings)


def test_found_image_is_one_update_of_its_worst_advisory(ask: Callable[..., ManagerAnswer]) -> None:
    """Its packages come together or not at all."""
    answer = ask("ostree/update-found.json")
    (update,) = answer.updates
    assert update.name == "fedora:fedora/38/x86_64/silverblue"
    assert (update.installed_version, update.offered_version) == ("38.20230414.n.0", "38.20230422.1")
    assert update.classification is Classification.CRITICAL
    assert update.severity == "critical"
    assert update.advisories[0] == "FEDORA-2023-0000000003"
    assert update.cves == ("CVE-2023-0464", "CVE-2023-27533")
    assert answer.coverage is Coverage.COMPLETE
    assert answer.repositories[0].has_advisories


def test_found_image_that_is_deployed_already_is_no_update(ask: Callable[..., ManagerAnswer]) -> None:
    """rpm-ostree goes on showing what it has staged (its issue 1409)."""
    status = json.loads(_read("ostree/update-found.json"))
    status["deployments"].insert(0, {**status["deployments"][0], "booted": False, "staged": True})
    status["deployments"][0]["base-checksum"] = status["cached-update"]["checksum"]
    answer = ask(json.dumps(status))
    assert answer.updates == ()
    assert answer.reboot is not None
    assert answer.reboot.required is Answer.YES


def test_bootc_tells_images_of_one_version_apart(ask: Callable[..., ManagerAnswer]) -> None:
    """Image builders often leave the label as it was; the digest is another one."""
    answer = ask("ostree/rhcos-4.12.json", "bootc/available.json")
    (update,) = answer.updates
    assert update.name == "quay.io/centos-bootc/fedora-bootc-cloud:eln"
    assert update.installed_version == "39.20240110.0 (23e6e34a3708)"
    assert update.offered_version == "39.20240110.0 (77d80dab784f)"
    assert update.classification is Classification.UNCLASSIFIED
    assert answer.coverage is Coverage.UNCLASSIFIED
    assert answer.update_model is UpdateModel.BOOTC


def test_bootc_staged_image_is_no_update_any_more(ask: Callable[..., ManagerAnswer]) -> None:
    """What was found is what is staged."""
    answer = ask(bootc="bootc/staged.json")
    assert answer.updates == ()
    assert answer.reboot is not None
    assert answer.reboot.required is Answer.YES


def test_bootc_without_a_check_is_unknown(ask: Callable[..., ManagerAnswer]) -> None:
    """A rollback that is only kept is not the next to boot."""
    answer = ask(bootc="bootc/rollback.json")
    assert answer.coverage is Coverage.UNKNOWN
    assert answer.reboot is not None
    assert answer.reboot.required is Answer.NO


def test_system_that_no_tool_tells_of_fails(read_text: Read, frame: Frame) -> None:
    """bootc answers nobody but root; other tools that make images are not known here."""
    answer = read_text(frame())
    assert answer.failure is not None
    assert answer.failure.kind is FailureKind.UNSUPPORTED_SYSTEM


def test_rpm_ostree_that_fails_is_quoted(read_text: Read, frame: Frame) -> None:
    """Its daemon may be stopped."""
    answer = read_text(frame("error: daemon", status_exit=1))
    assert answer.failure is not None
    assert answer.failure.kind is FailureKind.PACKAGE_MANAGER_FAILED


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"deployments": [7, null]}', "[" * 100_000, '{"deployments": {}}'])
def test_json_that_rpm_ostree_never_prints_is_refused(read_text: Read, frame: Frame, text: str) -> None:
    """As is an answer without a booted deployment."""
    failure = read_text(frame(text)).failure
    assert failure is not None
    assert failure.kind is FailureKind.OUTPUT_UNREADABLE


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(st.data())
def test_any_value_in_any_place_is_read_or_refused(context: MachineContext, data: st.DataObject) -> None:
    """A machine may print anything; nothing else is raised."""
    status = json.loads(_read("ostree/update-found.json"))
    place = data.draw(st.sampled_from([status, status["cached-update"], status["deployments"][0]]))
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(_VALUES)
    if status.get("cached-update") and data.draw(st.booleans()):
        status["cached-update"] = {"checksum": "1", "advisories": [data.draw(_VALUES), data.draw(_VALUES)]}
    sections = {
        "system": Section("system", b"machine=x86_64", b"", 0),
        "ostree-status": Section("ostree-status", json.dumps(status).encode(), b"", 0),
    }
    with suppress(UnreadableOutput, ManagerFailed):
        Ostree().read(Sections(sections, None), context)


def _read(name: str) -> str:
    return (Path(__file__).parents[2] / "captures" / name).read_text(encoding="utf-8")
