"""What the commands of yum 3 and dnf5 amount to, from texts of public pages, and texts of machines that lie."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.managers.dnf import Dnf
from collectors.managers.manager import MachineContext, ManagerFailed
from collectors.sections import split_answer
from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment
from fleet.errors import UnreadableOutput
from fleet.failures import FindingKind
from fleet.updates import Blocker, Classification, Update
from tests.collectors.conftest import MARKER, NOW

CAPTURES = Path(__file__).parents[1] / "captures"
Read = Callable[..., Assessment]


@pytest.fixture
def read(read_text: Callable[..., Assessment]) -> Read:
    """Reads the capture of that path, of which some parts may be replaced."""

    def read_capture(path: str, changes: Mapping[str, str] | None = None) -> Assessment:
        text, errors = ((CAPTURES / f"{path}.{ending}").read_text(encoding="utf-8") for ending in ("txt", "err"))
        return read_text(text, dict(changes or {}), errors)

    return read_capture


def _updates(assessment: Assessment) -> dict[str, Update]:
    assert assessment.failure is None, assessment.failure
    return {f"{update.name}.{update.architecture}": update for update in assessment.updates}


def test_wrapped_names_and_remarks_of_yum_3_are_read(read: Read) -> None:
    """A long name takes two lines; plugins, kernels and obsoleting packages are no updates."""
    assessment = read("yum/rhel-7")
    updates = _updates(assessment)
    base = updates["389-ds-base.x86_64"]

    assert assessment.coverage is Coverage.COMPLETE
    assert updates["NetworkManager-libnm-very-long-package-name.x86_64"].offered_version == "1:1.18.8-2.el7_9"
    assert base.advisories == ("RHSA-2018:1380", "RHSA-2018:2757", "RHSA-2018:3127")
    assert (base.cves, base.severity) == (("CVE-2018-1089", "CVE-2018-10850"), "Important")
    assert updates["bash.x86_64"].classification is Classification.OTHERS
    assert len(updates) == 4
    assert assessment.facts.reboot_required is Answer.YES
    assert "glibc, kernel" in assessment.facts.reboot_reason
    assert [row.name for row in assessment.facts.repositories] == ["rhel-7-server-rpms 7Server"]


def test_exclude_of_yum_3_hides_no_advisory(read: Read) -> None:
    """What only --disableexcludes=all lists is an update, blocked, and a finding."""
    assessment = read("yum/rhel-7")
    update = _updates(assessment)["389-ds-base-libs.x86_64"]

    assert (update.blocker, update.blocker_detail) == (Blocker.EXCLUDED, "exclude=389-ds-base-libs* in /etc/yum.conf")
    assert FindingKind.ADVISORY_HIDDEN in {finding.kind for finding in assessment.findings}


def test_red_hat_system_without_subscription_is_found(read: Read) -> None:
    """By the word of subscription-manager's plugin, which stands amid the updates."""
    assessment = read("yum/rhel-7")
    findings = {finding.kind: finding.text for finding in assessment.findings}

    assert _updates(assessment)["bash.x86_64"].blocker is Blocker.NEEDS_SUBSCRIPTION
    assert "not registered" in findings[FindingKind.SUBSCRIPTION_NEEDED]


def test_severities_of_amazon_linux_2_are_its_own_words(read: Read) -> None:
    """Small letters, and medium where others say moderate."""
    updates = _updates(read("yum/amazon-2"))
    patch = updates["kernel-livepatch-5.10.102-99.473.x86_64"]

    assert (patch.classification, patch.severity) == (Classification.SECURITY, "important")
    assert patch.advisories == ("ALAS2LIVEPATCH-2020-002", "ALAS2LIVEPATCH-2020-005")
    assert patch.cves == ("CVE-2019-15918", "CVE-2019-20096", "CVE-2020-8648")


def test_short_words_of_dnf5_are_read(read: Read) -> None:
    """secu and Importan are whole words; foreign architectures of replacing packages are no updates."""
    assessment = read("dnf/fedora-dnf5")
    updates = _updates(assessment)
    glib = updates["glib2.x86_64"]

    assert assessment.coverage is Coverage.COMPLETE
    assert (glib.classification, glib.severity, glib.cves) == (
        Classification.SECURITY,
        "Important",
        ("CVE-2024-34397",),
    )
    assert f"{glib.published_at:%Y-%m-%d}" == "2024-05-12"
    assert updates["libzstd.x86_64"].source_package == "zstd"
    assert updates["apparmor-libs.x86_64"].classification is Classification.UNCLASSIFIED
    assert "python3-proton-vpn-api-core.aarch64" not in updates


def test_lock_of_dnf5_counts_by_its_conditions(read: Read) -> None:
    """dnf5 applies locks in transactions only, so check-upgrade lists what is locked; a met condition locks nothing."""
    locked = _updates(read("dnf/fedora-dnf5"))["proton-vpn-gtk-app.noarch"]
    allowed = _updates(read("dnf/fedora-dnf5", {'value = "4.18"': 'value = "5"'}))["proton-vpn-gtk-app.noarch"]

    assert locked.blocker is Blocker.VERSION_LOCKED
    assert allowed.blocker is None


@pytest.mark.parametrize(
    "line",
    ["\x1b[31mevil\x1b[0m", "a b c d e", "no-architecture 1.0-1 updates", "name.x86_64", "x.y \u202e z", "=" * 500],
)
def test_unread_line_of_a_command_leaves_the_answer_unknown(read: Read, line: str) -> None:
    """An update may be in it, so it is said and nothing counts as whole."""
    assessment = read(
        "yum/rhel-7", {"bash.x86_64                           4.2.46-35.el7_9": f"{line}\nbash.x86_64 4.2.46-35.el7_9"}
    )

    assert assessment.coverage is Coverage.UNKNOWN
    (found,) = (finding for finding in assessment.findings if finding.kind is FindingKind.LINES_NOT_READ)
    assert "\x1b" not in found.text
    assert "\u202e" not in found.text


@pytest.mark.parametrize("status", [1, 3, 124, 200])
def test_command_that_failed_is_never_an_empty_answer(read: Read, status: int) -> None:
    """Exit 100 means updates, 0 none; anything else is a failure with its status."""
    text = (CAPTURES / "yum/rhel-7.txt").read_text()
    body = text[text.index("@MARKER@ begin dnf-offered") :].split("\n@MARKER@ end 100")[0]
    assessment = read(
        "yum/rhel-7", {body + "\n@MARKER@ end 100": f"@MARKER@ begin dnf-offered\n\n@MARKER@ end {status}"}
    )

    assert assessment.failure is not None
    assert assessment.updates == ()


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["yum/rhel-7", "dnf/fedora-dnf5", "dnf/rocky-9-states", "dnf/rocky-9-commands"]),
    st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=30)), min_size=1, max_size=5),
)
def test_no_bytes_break_the_reader(path: str, changes: list[tuple[float, bytes]]) -> None:
    """Bytes put anywhere into an answer give an answer or one of the two failures, and no other exception."""
    text = (CAPTURES / f"{path}.txt").read_bytes().replace(b"@MARKER@", MARKER.encode())
    begin = text.index(b"begin dnf-tool")
    for place, raw in changes:
        at = begin + int(place * (len(text) - begin))
        text = text[:at] + raw + text[at + len(raw) // 2 :]
    try:
        answer = Dnf().read(split_answer(text, b"", MARKER), MachineContext(NOW, ("rhel",)))
    except (UnreadableOutput, ManagerFailed):
        return
    except Exception as error:
        if type(error).__name__ in ("AnswerMissing", "AnswerCut"):
            return
        raise
    assert all(update.name.isprintable() for update in answer.updates)


def test_a_flood_of_updates_is_read_in_the_time_of_its_length(read: Read) -> None:
    """Ten thousand offers and twenty thousand advisories."""
    text = (CAPTURES / "dnf/rocky-9-states.txt").read_text()
    package = "acme-bug\t0:1.0-1.el9\tnoarch\tacme-bug-1.0-1.el9.src.rpm"
    names = [f"flood-{number}" for number in range(10_000)]
    rows = "".join(f"{k}\t{n}\t2-1\tnoarch\tbaseos\t1\tf-2-1.src.rpm\n" for n in names for k in ("pkg", "vis"))
    fixes = "".join(f"fix\tRLBA-2024:0003\t{n}\t{v}-1\tnoarch\n" for n in names for v in (1.5, 2))
    solved = "solved\n" + ("problem" if "\nproblem" in text else "end")
    installed = "".join(f"\n{n}\t0:1-1\tnoarch\tf-1-1.src.rpm" for n in names)
    assessment = read("dnf/rocky-9-states", {package: package + installed, solved: rows + fixes + solved})

    assert len(assessment.updates) == 10_011
