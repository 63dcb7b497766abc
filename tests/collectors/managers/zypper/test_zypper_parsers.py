"""Outputs of other zyppers, from public sources, and outputs that no zypper prints."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.managers.rpm_classes import classify_advisory
from collectors.managers.rpm_inventory import parse_rpm_inventory
from collectors.managers.zypper_locks import parse_locks
from collectors.managers.zypper_patches import Patches, list_patches, parse_contents
from collectors.managers.zypper_reasons import parse_reasons
from collectors.managers.zypper_refresh import read_refresh
from collectors.managers.zypper_repositories import hide_password, parse_repositories
from collectors.managers.zypper_transactional import find_immutable, judge_reboot, read_transactional
from collectors.managers.zypper_xml import ListedUpdate, parse_list
from collectors.sections import Section
from fleet.answers import Answer
from fleet.errors import UnreadableOutput
from fleet.failures import FindingKind
from fleet.updates import Blocker, Classification

Capture = Callable[[str], str]
MakeSection = Callable[..., Section]


def _package(name: str, offered: str, installed: str = "", architecture: str = "x86_64") -> ListedUpdate:
    return ListedUpdate("package", name, offered, installed, architecture, "repo-update")


def test_leap_16_lists_are_read(capture: Capture, section: MakeSection) -> None:
    """Descriptions of many lines and patches with their issues, as its zypper prints them."""
    updates = parse_list(section("zypper-updates", capture("zypper/leap-16-updates.xml"))).updates
    assert [(u.name, u.installed, u.offered) for u in updates] == [
        ("kernel-default", "6.12.0-160000.7.1", "6.12.0-160000.8.1"),
        ("qemu-guest-agent", "10.0.4-160000.1.1", "10.0.7-160000.1.1"),
    ]
    patch = parse_list(section("zypper-patches", capture("zypper/leap-16-patches.xml"))).updates[0]
    assert (patch.name, patch.category, patch.severity) == ("openSUSE-Leap-16.0-112", "security", "important")
    assert patch.cves == ("CVE-2025-11234", "CVE-2025-12464")
    assert patch.issued_at == datetime(2025, 12, 18, 12, 42, 3, tzinfo=UTC)


@pytest.mark.parametrize(("name", "count"), [("tumbleweed-updates", 1), ("tumbleweed-none", 0)])
def test_tumbleweed_lists_are_read(capture: Capture, section: MakeSection, name: str, count: int) -> None:
    """One update, and an empty list, which it writes as an empty element."""
    assert len(parse_list(section("zypper-updates", capture(f"zypper/{name}.xml"))).updates) == count


@pytest.mark.parametrize(
    ("name", "package", "fixed"),
    [("sles-12", "irqbalance", "1.1.0-9.3.1"), ("sles-15", "sles-release", "15.4-150400.58.7.3")],
)
def test_packages_of_a_patch_are_found(
    capture: Capture, section: MakeSection, name: str, package: str, fixed: str
) -> None:
    """Both bear the architecture, and the probe passes on nothing but the packages."""
    shown = [line.strip() for line in capture(f"zypper/{name}-patch-info.txt").splitlines()]
    passed_on = [line for line in shown if line.startswith("Information") or (" < " in line and line.count(" ") == 2)]
    contents = parse_contents(section("zypper-contents", "\n".join(passed_on)))
    patch_name = passed_on[0].split()[3].rstrip(":")
    patch = ListedUpdate("patch", patch_name, "1", "", "noarch", "updates", status="needed")
    patches = Patches(list_patches([patch]), contents)
    assert patches.find(_package(package, fixed), "1.0-1") == (patch,)
    assert patches.find(_package(package, fixed), fixed) == ()
    assert patches.find(_package(package, fixed, architecture="s390x"), "1.0-1") == ()


def test_fix_above_the_offered_version_is_not_claimed(section: MakeSection) -> None:
    """An update brings the patches up to its own version, and no more."""
    contents = parse_contents(section("zypper-contents", "Information for patch P-2:\na.x86_64 < 3-1\n"))
    patch = ListedUpdate("patch", "P-2", "1", "", "noarch", "updates", status="needed")
    assert Patches({"P-2": patch}, contents).find(_package("a", "2-1"), "1-1") == ()


def test_worst_patch_comes_first(section: MakeSection) -> None:
    """It gives the class, whatever order zypper lists them in."""
    text = "Information for patch low:\na < 2-1\nInformation for patch bad:\na < 2-1\n"
    patches = [
        ListedUpdate(
            "patch", "low", "1", "", "noarch", "r", status="needed", category="recommended", severity="critical"
        ),
        ListedUpdate("patch", "bad", "1", "", "noarch", "r", status="needed", category="security", severity="low"),
    ]
    found = Patches(list_patches(patches), parse_contents(section("zypper-contents", text)))
    assert [patch.name for patch in found.find(_package("a", "2-1"), "1-1")] == ["bad", "low"]


@pytest.mark.parametrize(
    ("kind", "severity", "expected"),
    [
        ("security", "critical", Classification.CRITICAL),
        ("Security", "Important", Classification.SECURITY),
        ("security", "", Classification.SECURITY),
        ("recommended", "critical", Classification.OTHERS),
        ("", "", Classification.OTHERS),
    ],
)
def test_advisories_become_classes(kind: str, severity: str, expected: Classification) -> None:
    """Only security advisories can be critical updates."""
    assert classify_advisory(kind, severity) is expected


def test_newest_of_several_kernels_counts_as_installed(section: MakeSection) -> None:
    """SUSE keeps kernels beside each other; keys in rpm's database are no packages."""
    text = (
        "kernel-default\t6.4.0-150600.9.1\tx86_64\tkernel-default-6.4.0-150600.9.1.nosrc.rpm\n"
        "kernel-default\t6.4.0-150600.23.17.1\tx86_64\tkernel-default-6.4.0-150600.23.17.1.nosrc.rpm\n"
        "libopenssl3\t0:3.1.4-150600.5.1\tx86_64\topenssl-3-3.1.4-150600.5.1.src.rpm\n"
        "gpg-pubkey\t3dbdc284-53674dd4\t(none)\t(none)\n"
    )
    inventory = parse_rpm_inventory(section("zypper-packages", text))
    assert inventory.versions == {
        ("kernel-default", "x86_64"): "6.4.0-150600.23.17.1",
        ("libopenssl3", "x86_64"): "3.1.4-150600.5.1",
    }
    assert inventory.sources == {("libopenssl3", "x86_64"): "openssl-3"}


def test_locks_cover_names_versions_and_repositories(section: MakeSection) -> None:
    """As zypper 1.14 writes them; a regular expression is never run here."""
    text = (
        "\ntype: package\nversion: > 1.0\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: acme-opt\n\n"
        "\nrepo: repo-update\ntype: package\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: acme-p*\n\n"
        "\ntype: patch\nmatch_type: glob\ncase_sensitive: on\nsolvable_name: acme-tool\n\n"
        "\ntype: package\nmatch_type: regex\ncase_sensitive: on\nsolvable_name: (a+)+$\n\n"
    )
    locks = parse_locks(section("zypper-locks", text))
    assert locks.unread == ()
    assert locks.find("acme-opt", "1.1-1", "any") is not None
    assert locks.find("acme-opt", "0.9-1", "any") is None
    assert locks.find("acme-plain", "1-1", "repo-update") is not None
    assert locks.find("acme-plain", "1-1", "other") is None
    assert locks.find("acme-tool", "1-1", "any") is None
    assert locks.find("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "1-1", "any") is None
    assert locks.has_patterns


def test_lower_priority_is_a_pin(section: MakeSection) -> None:
    """zypper's own words for it."""
    why = "but it comes from a repository with a lower priority"
    text = f"There is an update candidate for 'a', {why}. Use 'zypper in a'.\n"
    reason = parse_reasons(section("zypper-reasons", text, exit_status=0)).by_name["a"]
    assert reason.blocker is Blocker.PINNED
    assert reason.text == why


def test_password_of_an_address_is_never_shown(section: MakeSection) -> None:
    """zypper hides it itself, but an old one or a plugin may not."""
    said = (
        "Problem retrieving files from 'x'.\nhttps://me:secret@host/repo: 404\n"
        "Skipping repository 'x' because of the above error."
    )
    refresh = read_refresh(section("zypper-refresh", "", stderr=said, exit_status=4))
    assert "secret" not in refresh.findings[0].text
    assert refresh.skipped == ("x",)
    assert hide_password("http://me:secret@host/repo") == "http://host/repo"


def test_refresh_without_root_says_so(section: MakeSection) -> None:
    """97 is the probe's own status."""
    refresh = read_refresh(section("zypper-refresh", "", stderr="no root", exit_status=97))
    assert refresh.findings[0].kind is FindingKind.REFRESH_FAILED
    assert "not root" in refresh.findings[0].text


def test_repositories_that_are_off_are_left_out(section: MakeSection) -> None:
    """SLES configures its debug repositories and leaves them switched off."""
    text = (
        "file a.repo\n [SLE:Updates/x]\n name=Updates\n enabled=1\nfile b.repo\n [debug]\n enabled=0\n"
        "repomd /var/cache/zypp/raw/SLE:Updates_x/repodata/repomd.xml\n revision=1700000000\n advisories=yes\n"
        "fetched 1700000100 /var/cache/zypp/raw/SLE:Updates_x/repodata/repomd.xml\n"
        "solv /var/cache/zypp/solv/@System/solv\nunreadable c.repo\n"
    )
    known = parse_repositories(section("zypper-repositories", text))
    assert [repository.alias for repository in known.repositories] == ["SLE:Updates/x"]
    fact = known.repositories[0].as_fact("sles 15.6", is_failing=False)
    assert fact.made_at == datetime.fromtimestamp(1_700_000_000, UTC)
    assert fact.fetched_at == datetime.fromtimestamp(1_700_000_100, UTC)
    assert fact.has_advisories
    assert not fact.is_failing
    assert known.unreadable == ("c.repo",)


@pytest.mark.parametrize(
    ("title", "name", "expected"),
    [
        ("Main Repository ($releasever)", "Main Repository (15.6)", True),
        ("Main ${releasever_major} of $basearch", "Main 15 of x86_64", True),
        ("Main Repository ($releasever)", "Update Repository (15.6)", False),
        ("Main $a", "Main", False),
        ("$a$a$a$a$a$a$a$a$a$a!", "x" * 200, False),
        ("Updates", "Updates", True),
        ("", "", False),
    ],
)
def test_repository_is_known_by_the_title_that_zypper_shows(
    section: MakeSection, title: str, name: str, expected: bool
) -> None:
    """zypper fills in variables before it shows a title."""
    text = f"file a.repo\n [alias]\n name={title}\n enabled=1\n"
    known = parse_repositories(section("zypper-repositories", text))
    assert known.repositories[0].is_called(name) is expected


def test_staged_snapshot_requires_a_reboot(capture: Capture, section: MakeSection) -> None:
    """MicroOS: what was installed waits in the snapshot that the next boot takes."""
    state = section("zypper-state", capture("transactional-update/microos-state.txt")).values()
    system = read_transactional(state, ("opensuse-leap",))
    assert system is not None
    assert judge_reboot(system, None).required is Answer.YES
    assert {f.kind for f in find_immutable(system)} == {FindingKind.IMMUTABLE_SYSTEM, FindingKind.UPDATE_STAGED}


def test_snapshots_unseen_leave_the_reboot_unknown(capture: Capture, section: MakeSection) -> None:
    """Only root may ask btrfs."""
    values = dict(section("zypper-state", capture("transactional-update/microos-state.txt")).values())
    del values["default_snapshot"]
    system = read_transactional(values, ())
    assert system is not None
    assert judge_reboot(system, None).required is Answer.UNKNOWN


def test_microos_is_transactional_by_its_own_word_too() -> None:
    """Its root may be writable for a while."""
    system = read_transactional({"root_options": "rw,relatime"}, ("opensuse-microos", "suse"))
    assert system is not None
    assert not system.is_staged


def test_tool_on_a_writable_system_makes_it_not_transactional() -> None:
    """transactional-update can be installed anywhere."""
    assert read_transactional({"root_options": "rw,relatime"}, ("opensuse-leap",)) is None
    assert read_transactional({}, ("opensuse-microos",)) is None


@pytest.mark.parametrize(
    "xml",
    [
        "",
        "zypper: command not found",
        "<?xml version='1.0'?><stream><update-list><update name='a' edition='1'>",
        "<?xml version='1.0'?><!DOCTYPE s [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><stream>&b;</stream>",
        "<?xml version='1.0'?><!DOCTYPE s SYSTEM 'file:///etc/passwd'><stream/>",
        "<?xml version='1.0'?>" + "<a>" * 10_000,
        "<?xml version='1.0'?><stream><update kind='package'/></stream>",
    ],
)
def test_xml_that_zypper_never_writes_is_refused(section: MakeSection, xml: str) -> None:
    """Cut, empty, endless, or with entities that grow or read files."""
    with pytest.raises(UnreadableOutput):
        parse_list(section("zypper-updates", xml))


def test_names_are_made_harmless(section: MakeSection) -> None:
    """Escape codes cannot stand in XML, but what turns text around can."""
    xml = "<?xml version='1.0'?><stream><update kind='package' name='a\u202eb' edition='1-1' arch='x'/></stream>"
    assert "\u202e" not in parse_list(section("zypper-updates", xml)).updates[0].name


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    """Nothing that a machine prints raises anything else."""
    for name, parse in {
        "zypper-updates": parse_list,
        "zypper-contents": parse_contents,
        "zypper-repositories": parse_repositories,
        "zypper-packages": parse_rpm_inventory,
        "zypper-locks": parse_locks,
        "zypper-reasons": parse_reasons,
        "zypper-refresh": read_refresh,
    }.items():
        for prefix in (
            b"",
            b"<?xml version='1.0'?><stream>",
            b"Information for patch a:\n",
            b"Problem: nothing provides ",
        ):
            with suppress(UnreadableOutput):
                parse(Section(name, prefix + raw, raw, 4))


def test_problems_without_end_are_cut(section: Callable[..., Section]) -> None:
    """Each is looked through for each update, of which there may be thousands."""
    text = "\n".join(f"Problem: p{number}" for number in range(50_000))

    assert len(parse_reasons(section("zypper-reasons", text)).problems) == 1_000
