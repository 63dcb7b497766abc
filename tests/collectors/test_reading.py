"""Tests of collectors.reading over captured answers: whole ones, and ones that were cut, bent and forged."""

import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment, Outcome
from fleet.facts import OtherUpdater
from fleet.failures import FailureKind, FindingKind, Severity
from fleet.updates import Blocker, Classification

Read = Callable[..., Assessment]
_NO_MANAGER = "\n@MARKER@ begin managers\napt-get\ndpkg-query\n"


def _kinds(assessment: Assessment) -> set[FindingKind]:
    return {finding.kind for finding in assessment.findings}


def test_debian_machine_is_read_whole(read_text: Read, captures: dict[str, str]) -> None:
    """Every update of a real machine is there, with its origin, its class and its size."""
    text = captures["debian-12"]
    summary = re.search(r"^(\d+) upgraded, 0 newly", text, re.MULTILINE)

    assessment = read_text(text)

    assert assessment.failure is None
    assert assessment.coverage is Coverage.COMPLETE
    assert summary is not None
    assert len(assessment.updates) == int(summary[1])
    assert all(update.repository and update.size_bytes for update in assessment.updates)
    security = {update.name for update in assessment.updates if update.classification is Classification.SECURITY}
    assert {"libssl3", "openssl", "ca-certificates"} <= security
    assert "bash" not in security
    assert assessment.installed["bash", "amd64"] == "5.2.15-2+b8"
    assert assessment.facts.os_full_name == "Debian GNU/Linux 12 (bookworm)"


def test_each_state_of_an_update_is_told_apart(read_text: Read, captures: dict[str, str]) -> None:
    """Held, phased, pinned, kept back, with new packages, with removals, and plain: as that apt planned them."""
    assessment = read_text(captures["apt-states"])

    blockers = {f"{u.name}:{u.architecture}": u.blocker for u in assessment.updates}
    assert blockers == {
        "acme-all:all": None,
        "acme-both:amd64": None,
        "acme-bpo:amd64": None,
        "acme-foreign:i386": None,
        "acme-held:amd64": Blocker.HELD,
        "acme-kept:amd64": Blocker.KEPT_BACK,
        "acme-ma:amd64": None,
        "acme-ma:i386": None,
        "acme-new:amd64": Blocker.NEEDS_NEW_PACKAGES,
        "acme-phased:amd64": Blocker.PHASED,
        "acme-pin:amd64": Blocker.PINNED,
        "acme-rem:amd64": Blocker.NEEDS_REMOVALS,
    }


def test_ubuntu_pro_updates_need_a_subscription(read_text: Read, captures: dict[str, str]) -> None:
    """What the Pro client's lists or apt's notice offer is a security update that cannot be installed."""
    assessment = read_text(captures["ubuntu-pro"])

    waiting = {u.name: u for u in assessment.updates if u.blocker is Blocker.NEEDS_SUBSCRIPTION}
    assert set(waiting) == {"mc", "mc-data", "libzmq5"}
    assert (waiting["mc"].offered_version, waiting["mc"].repository) == ("3:4.8.27-1ubuntu0.1~esm1", "esm-apps")
    assert (waiting["libzmq5"].offered_version, waiting["libzmq5"].repository) == ("", "esm-apps")
    assert {u.classification for u in waiting.values()} == {Classification.SECURITY}
    assert FindingKind.SUBSCRIPTION_NEEDED in _kinds(assessment)
    assert FindingKind.LINES_NOT_READ not in _kinds(assessment)


def test_ubuntu_facts_and_ordinary_updates(read_text: Read, captures: dict[str, str]) -> None:
    """Its phased update, its security update, its newer kernel, and what updates it by itself."""
    assessment = read_text(captures["ubuntu-pro"])

    updates = {update.name: update for update in assessment.updates}
    assert updates["fwupd"].blocker is Blocker.PHASED
    assert updates["curl"].classification is Classification.SECURITY
    assert assessment.facts.reboot_required is Answer.YES
    assert assessment.facts.other_updaters == (OtherUpdater("snapd"), OtherUpdater("unattended-upgrades"))
    assert assessment.facts.clock_skew_seconds == 0.0
    assert assessment.coverage is Coverage.COMPLETE


def test_expired_subscription_blocks_its_packages(read_text: Read, captures: dict[str, str]) -> None:
    """apt plans them, and says that their download will fail."""
    notice = "The following packages will fail to download because your Ubuntu Pro subscription has expired\n  curl\n"

    assessment = read_text(
        captures["ubuntu-pro"], {"The following upgrades have": notice + "The following upgrades have"}
    )

    assert {u.name: u.blocker for u in assessment.updates}["curl"] is Blocker.NEEDS_SUBSCRIPTION


def test_line_that_is_not_known_is_told(read_text: Read, captures: dict[str, str]) -> None:
    """A sentence of a new apt is a finding; apt's counts say that it hides no package."""
    changes = {"The following upgrades have": "A sentence of apt 9.\nThe following upgrades have"}

    assessment = read_text(captures["ubuntu-pro"], changes)

    finding = next(f for f in assessment.findings if f.kind is FindingKind.LINES_NOT_READ and "apt-get" in f.text)
    assert "A sentence of apt 9." in finding.text
    assert assessment.failure is None


def test_update_in_a_list_that_is_not_known_is_a_failure(read_text: Read, captures: dict[str, str]) -> None:
    """Where apt counts more than was read, the answer is not used."""
    assessment = read_text(captures["ubuntu-pro"], {"The following packages will be upgraded:": "Upgrading, for sure:"})

    assert assessment.failure is not None
    assert assessment.failure.kind is FailureKind.OUTPUT_UNREADABLE
    assert "1 upgraded" in assessment.failure.came_back
    assert assessment.updates == ()


def test_answer_without_apts_summary_is_a_failure(read_text: Read, captures: dict[str, str]) -> None:
    """Exit status 0 and no word of what is upgraded: nothing missing is not the answer."""
    text = re.sub(
        r"(?s)(begin apt-plan\n).*?(\n\n@MARKER@ end 0)",
        r"\1Reading package lists...\2",
        captures["ubuntu-pro"],
        count=1,
    )

    assessment = read_text(text)

    assert assessment.failure is not None
    assert assessment.failure.kind is FailureKind.OUTPUT_UNREADABLE


@pytest.mark.parametrize(
    ("programs", "kind", "words"),
    [
        ("dnf\nyum", FailureKind.UNSUPPORTED_SYSTEM, "dnf, yum found"),
        ("zypper", FailureKind.UNSUPPORTED_SYSTEM, "zypper found"),
        ("", FailureKind.NO_PACKAGE_MANAGER, "none that is known"),
    ],
)
def test_machine_without_apt_says_what_it_has(
    read_text: Read, captures: dict[str, str], programs: str, kind: FailureKind, words: str
) -> None:
    """Its facts are known all the same."""
    assessment = read_text(captures["ubuntu-pro"], {_NO_MANAGER: f"\n@MARKER@ begin managers\n{programs}\n"})

    assert assessment.failure is not None
    assert (assessment.failure.kind, words in assessment.failure.came_back) == (kind, True)
    assert assessment.facts.os_id == "ubuntu"


def test_fedora_with_apt_as_a_tool_is_not_debian(read_text: Read, captures: dict[str, str]) -> None:
    """What is there and what the system says it is decide together."""
    changes = {"ID=ubuntu\nID_LIKE=debian": "ID=fedora", _NO_MANAGER: _NO_MANAGER + "dnf\n"}

    assessment = read_text(captures["ubuntu-pro"], changes)

    assert assessment.failure is not None
    assert assessment.facts.package_manager == "dnf"


def test_other_system_than_linux_is_not_read(read_text: Read, captures: dict[str, str]) -> None:
    """FreeBSD has sh as well."""
    assessment = read_text(captures["ubuntu-pro"], {"ostype=Linux": "ostype=FreeBSD"})

    assert assessment.failure is not None
    assert assessment.failure.kind is FailureKind.UNSUPPORTED_SYSTEM


def test_clock_that_is_an_hour_ahead_is_a_finding(read_text: Read, captures: dict[str, str]) -> None:
    """The skew is the machine's clock minus ours."""
    changes = {"now=1795381200": "now=1795384800", "end-answer 1795381200": "end-answer 1795384800"}

    assessment = read_text(captures["ubuntu-pro"], changes)

    assert assessment.facts.clock_skew_seconds == pytest.approx(3600, abs=1)
    assert FindingKind.CLOCK_SKEW in _kinds(assessment)


def test_full_disk_is_a_finding_with_what_is_needed(read_text: Read, captures: dict[str, str]) -> None:
    """2 MB free cannot take the updates, whatever apt plans."""
    assessment = read_text(captures["ubuntu-pro"], {"12127976  12262936      50%": "26419160      2048     100%"})

    finding = next(f for f in assessment.findings if f.kind is FindingKind.DISK_FULL)
    assert finding.severity is Severity.ERROR
    assert "2,097,152 bytes free" in finding.text
    assert not assessment.is_ready


def test_tight_disk_is_compared_with_the_plan(read_text: Read, captures: dict[str, str]) -> None:
    """Room for dpkg's own files is not room for a download of 100 MB."""
    changes = {"12262936      50%": "   80000      50%", "_amd64.deb 194000 ": "_amd64.deb 100000000 "}

    assessment = read_text(captures["ubuntu-pro"], changes)

    assert any("100,000,000 are needed" in f.text for f in assessment.findings if f.kind is FindingKind.DISK_FULL)


def test_read_only_root_is_a_finding(read_text: Read, captures: dict[str, str]) -> None:
    """It is seen in the mounts, before any installation fails."""
    mounts = "@MARKER@ begin mounts\n/ ext4 ro,relatime,errors=remount-ro\n\n@MARKER@ end 0\n\n@MARKER@ begin reboot"

    assessment = read_text(captures["ubuntu-pro"], {"@MARKER@ begin reboot": mounts})

    assert FindingKind.READ_ONLY_FILESYSTEM in _kinds(assessment)


def test_apt_that_was_stopped_is_a_failure(read_text: Read, captures: dict[str, str]) -> None:
    """timeout(1) ends with 124."""
    text = re.sub(r"(?s)(begin apt-policy\n).*?(\n\n@MARKER@ end )0", r"\1\g<2>124", captures["ubuntu-pro"], count=1)

    assessment = read_text(text)

    assert assessment.failure is not None
    assert assessment.failure.kind is FailureKind.PACKAGE_MANAGER_FAILED
    assert "did not end in time" in assessment.failure.came_back


def test_hostile_names_are_made_harmless(read_text: Read, captures: dict[str, str]) -> None:
    """Escape sequences, markup and direction marks of a package name reach nobody as they are."""
    changes = {"ii \tmc\t": "ii \t\x1b[31mmc[/]\u202e\t"}

    assessment = read_text(captures["ubuntu-pro"], changes)

    assert not any("\x1b" in name or "\u202e" in name for name, _ in assessment.installed)
    assert FindingKind.NAME_NOT_CLEAN in _kinds(assessment)


def test_no_shell_is_told_with_what_it_said(read_bytes: Read) -> None:
    """nologin(8) connects, says one line, and ends with 1."""
    assessment = read_bytes(b"This account is currently not available.\n", exit_status=1)

    assert assessment.failure is not None
    assert assessment.failure.kind is FailureKind.NO_SHELL
    assert "This account is currently not available." in assessment.failure.came_back


def test_cut_connection_is_lost_and_nothing_of_it_is_read(read_bytes: Read, captures: dict[str, str]) -> None:
    """Half an answer names the section where it stopped."""
    raw = captures["ubuntu-pro"].encode()

    assessment = read_bytes(raw[: raw.index(b"begin apt-policy") + 200], exit_status=None)

    assert assessment.failure is not None
    assert assessment.failure.kind is FailureKind.CONNECTION_LOST
    assert "apt-policy" in assessment.failure.came_back
    assert (assessment.updates, dict(assessment.installed)) == ((), {})


def test_marker_in_a_package_text_opens_no_section(read_text: Read, captures: dict[str, str]) -> None:
    """A description cannot know the marker; one that guesses another is only text that fits no shape."""
    changes = {"1 standard LTS security update": "patchdeck-00000000 end 0"}

    assessment = read_text(captures["ubuntu-pro"], changes)

    assert assessment.failure is None
    assert FindingKind.LINES_NOT_READ in _kinds(assessment)


_FUZZ = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
_CAPTURED = ("apt-states", "ubuntu-pro")


def _is_sound(assessment: Assessment) -> bool:
    failed_by_us = assessment.failure is not None and assessment.failure.kind is FailureKind.INTERNAL
    return not failed_by_us and (assessment.failure is None or assessment.updates == ())


@_FUZZ
@given(name=st.sampled_from(_CAPTURED), data=st.data())
def test_answer_cut_at_any_byte_is_never_an_answer(
    read_bytes: Read, captures: dict[str, str], name: str, data: st.DataObject
) -> None:
    """Truncated anywhere before its end marker, it fails, and says nothing of updates."""
    raw = captures[name].encode()
    length = data.draw(st.integers(0, raw.index(b"end-answer") - 1))

    assessment = read_bytes(raw[:length], exit_status=None)

    assert assessment.outcome is Outcome.FAILED
    assert _is_sound(assessment)


@_FUZZ
@given(name=st.sampled_from(_CAPTURED), data=st.data())
def test_bytes_changed_anywhere_never_break_the_reader(
    read_bytes: Read, captures: dict[str, str], name: str, data: st.DataObject
) -> None:
    """Whatever is written over an answer, the reader gives an assessment or a failure, never an exception."""
    raw = bytearray(captures[name].encode())
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(raw) - 1))
        raw[start : start + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=60))

    assert _is_sound(read_bytes(bytes(raw)))


@_FUZZ
@given(name=st.sampled_from(_CAPTURED), data=st.data())
def test_lines_moved_about_never_break_the_reader(
    read_bytes: Read, captures: dict[str, str], name: str, data: st.DataObject
) -> None:
    """Lines deleted, doubled and swapped: no update appears that no line names."""
    lines = captures[name].encode().split(b"\n")
    for _ in range(data.draw(st.integers(1, 4))):
        at, other = data.draw(st.integers(0, len(lines) - 1)), data.draw(st.integers(0, len(lines) - 1))
        change = data.draw(st.sampled_from(("delete", "double", "swap")))
        if change == "delete" and len(lines) > 1:
            del lines[at]
        elif change == "double":
            lines.insert(at, lines[at])
        else:
            other = min(other, len(lines) - 1)
            lines[at], lines[other] = lines[other], lines[at]
    raw = b"\n".join(lines)

    assessment = read_bytes(raw)

    assert _is_sound(assessment)
    assert all(update.name.encode() in raw for update in assessment.updates)
