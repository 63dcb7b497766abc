"""What Patchdeck says is missing on real machines, beside what each machine's own package manager says."""

from collections.abc import Callable, Mapping

import pytest

from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment, Outcome
from fleet.failures import FindingKind, Severity
from fleet.machines import OSType
from fleet.updates import Blocker, Classification
from tests.lab.builder.apt_machines import HAPPY
from tests.lab.builder.lab import Lab
from tests.lab.own_answer import Offer, OwnAnswer

AskApt = Callable[[str], OwnAnswer]
_NAMES = [spec.name for spec in HAPPY]
_LIKE_PENDING = ("german", "tcsh", "noisy", "with-dnf", "sudo-free", "sudo-apt-only", "sudo-password", "reboot")


@pytest.mark.parametrize("name", _NAMES)
def test_answer_is_whole(assessed: Mapping[str, Assessment], name: str) -> None:
    """Every happy machine is read to the end, and nothing is found that would stop patching it."""
    assessment = assessed[name]

    assert assessment.failure is None
    assert (assessment.outcome, assessment.coverage) == (Outcome.SUCCEEDED, Coverage.COMPLETE), assessment.findings
    assert [finding for finding in assessment.findings if finding.severity is Severity.ERROR] == []


@pytest.mark.parametrize("name", _NAMES)
def test_missing_updates_are_those_of_apt(ask_apt: AskApt, assessed: Mapping[str, Assessment], name: str) -> None:
    """Patchdeck lists what `apt list --upgradable` lists, and beside it only what a pin hides there."""
    said = {
        Offer(update.name, update.architecture, update.installed_version, update.offered_version)
        for update in assessed[name].updates
        if update.blocker is not Blocker.PINNED
    }

    assert said == ask_apt(name).offers


@pytest.mark.parametrize("name", _NAMES)
def test_security_is_a_fix_between_installed_and_offered(
    ask_apt: AskApt, assessed: Mapping[str, Assessment], name: str
) -> None:
    """Security updates are those for which apt knows a newer version in a security suite; all others are others."""
    said = {
        Offer(update.name, update.architecture, update.installed_version, update.offered_version)
        for update in assessed[name].updates
        if update.classification is Classification.SECURITY
    }

    assert said == ask_apt(name).security
    assert {update.classification for update in assessed[name].updates} <= {
        Classification.SECURITY,
        Classification.OTHERS,
    }


@pytest.mark.parametrize("name", _NAMES)
def test_installable_is_what_an_ordinary_upgrade_installs(
    ask_apt: AskApt, assessed: Mapping[str, Assessment], name: str
) -> None:
    """An update without a blocker is one that `apt-get upgrade` installs, and the other way round."""
    said = {(update.name, update.architecture) for update in assessed[name].updates if update.is_installable}

    assert said == ask_apt(name).ordinary


@pytest.mark.parametrize("name", _NAMES)
def test_inventory_is_that_of_dpkg(ask_apt: AskApt, assessed: Mapping[str, Assessment], name: str) -> None:
    """Every package that dpkg has installed is in the inventory, with its version."""
    assert dict(assessed[name].installed) == ask_apt(name).installed


def test_each_blocked_update_says_why(ask_apt: AskApt, assessed: Mapping[str, Assessment]) -> None:
    """Held, pinned, phased, kept back, in need of new packages and of removals are six different answers."""
    blockers = {update.name: update.blocker for update in assessed["blocked"].updates}

    assert blockers == {
        "acme-held": Blocker.HELD,
        "acme-pinned": Blocker.PINNED,
        "acme-phased": Blocker.PHASED,
        "acme-keptback": Blocker.KEPT_BACK,
        "acme-newdep": Blocker.NEEDS_NEW_PACKAGES,
        "acme-remover": Blocker.NEEDS_REMOVALS,
        "acme-tool": None,
    }
    assert ask_apt("blocked").held == {"acme-held"}


def test_fix_that_a_newer_version_hides_is_security(assessed: Mapping[str, Assessment]) -> None:
    """What is fixed in security and newer in updates is a security update, unless the fix is installed."""
    classes = {update.name: update.classification for update in assessed["pending"].updates}

    assert classes["acme-both"] is Classification.SECURITY
    assert classes["acme-fixed"] is Classification.OTHERS
    assert classes["acme-security-tools"] is Classification.OTHERS


def test_update_of_another_vendor_names_its_repository(assessed: Mapping[str, Assessment]) -> None:
    """A label with a space in it arrives whole, and no security is guessed."""
    (update,) = assessed["third-party"].updates

    assert (update.name, update.classification) == ("acme-agent", Classification.OTHERS)
    assert "Acme Corp" in update.repository


@pytest.mark.parametrize(
    "name", ["german", "tcsh", "noisy", "with-dnf", "sudo-free", "sudo-apt-only", "sudo-password", "reboot"]
)
def test_surroundings_change_nothing_of_the_answer(assessed: Mapping[str, Assessment], name: str) -> None:
    """Locale, login shell, noise and sudo leave the same updates as on a plain machine."""
    assert assessed[name].updates == assessed["pending"].updates


def test_reboot_that_is_required_names_the_packages(assessed: Mapping[str, Assessment]) -> None:
    """The marker makes it yes, with the packages that asked for it; without one it is never yes."""
    facts = assessed["reboot"].facts

    assert facts.reboot_required is Answer.YES
    assert "linux-image-amd64" in facts.reboot_reason
    assert "acme-lib" in facts.reboot_reason
    assert assessed["pending"].facts.reboot_required is not Answer.YES


@pytest.mark.parametrize("name", _NAMES)
def test_facts_are_those_of_the_machine(lab: Lab, assessed: Mapping[str, Assessment], name: str) -> None:
    """Identity, boot and clock are the machine's own: each has namespaces of its own."""
    facts = assessed[name].facts
    script = "cat /etc/machine-id /proc/sys/kernel/random/boot_id; date +%s; cat /proc/uptime"

    machine_id, boot_id, now, uptime, _ = lab.exec(name, ["sh", "-c", script]).stdout.split()

    assert (facts.host_name, facts.machine_id, facts.boot_id) == (name, machine_id, boot_id)
    assert (facts.os_type, facts.os_id, facts.os_version) == (OSType.LINUX, "debian", "12")
    assert (facts.package_manager, facts.architecture) == ("apt", "x86_64")
    assert facts.booted_at is not None
    assert abs(facts.booted_at.timestamp() - (int(now) - float(uptime))) < 5
    assert facts.clock_skew_seconds is not None
    assert abs(facts.clock_skew_seconds) < 5


def test_strangers_text_is_harmless(assessed: Mapping[str, Assessment]) -> None:
    """Escape sequences and bytes that are no UTF-8 arrive as replacement characters, and nothing else is lost."""
    assessment = assessed["hostile-text"]
    (update,) = assessment.updates
    texts = [update.repository, update.classification_source, assessment.facts.os_full_name or ""]

    assert all(text.isprintable() for text in texts), texts
    assert "[bold]Acme" in update.repository
    assert "[red]" in (assessment.facts.os_full_name or "")
    assert FindingKind.LINES_NOT_READ not in {finding.kind for finding in assessment.findings}
