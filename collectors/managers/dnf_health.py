"""What is wrong with the package manager of an rpm machine beside its updates, and what it says of a reboot."""

import re
from collections.abc import Iterator, Sequence

from collectors.managers.dnf_answer import DnfAnswer
from collectors.managers.dnf_noise import says_unregistered
from collectors.managers.dnf_settings import DnfSettings
from collectors.managers.manager import RebootAnswer
from collectors.managers.rpm_versions import normal_evr
from collectors.sections import Section
from fleet.answers import Answer
from fleet.errors import UnreadableOutput
from fleet.failures import Finding, FindingKind, Severity
from fleet.hostile import clean, clean_name, decode
from fleet.updates import Classification, Update

# Kernels and their modules are installed beside each other: installonlypkgs of dnf.conf(5).
_BESIDE = re.compile(r"kernel.*|kmod-.*|.*-kmod.*|gpg-pubkey|installonlypkg.*")
_LOCK = re.compile(r"(?P<id>\d{1,10}|unfinished)\|(?P<path>[^|]*)\|(?P<program>.*)")
_NEWER = re.compile(r"A newer release of \"?(?P<name>[^\"]{1,80})\"? is available")
_VERSION = re.compile(r"\s*Version (?P<version>[\w.]{1,40})")
_HIDING = frozenset({Classification.CRITICAL, Classification.SECURITY})
# What needs-restarting says by version: yum-utils 1.1.31, dnf-plugins-core 4, dnf5.
_YES = ("Reboot is required", "Reboot is suggested")
_NO = ("Reboot should not be necessary", "No core libraries or services have been updated")
_UPDATED = re.compile(r"  (?:\* )?(\S{1,256})(?: -> \S+)?$")
# Repositories of Red Hat's content network; those of clouds begin with rhui-.
RED_HAT = ("rhel-", "codeready-builder-for-rhel-", "ansible-automation-platform-")
_SHOWN = 3


def find_duplicates(section: Section) -> Iterator[Finding]:
    """A finding for packages of which two versions are installed, as a transaction that was cut off leaves them."""
    seen: dict[tuple[str, str], set[str]] = {}
    for _, line in section.lines():
        name, evr, architecture, *_ = (*line.split("\t"), "", "", "")
        seen.setdefault((name, architecture), set()).add(normal_evr(evr))
    doubles = [name for (name, _), versions in seen.items() if len(versions) > 1 and not _BESIDE.fullmatch(name)]
    if doubles:
        shown = ", ".join(clean_name(name) for name in doubles[:_SHOWN])
        text = f"{len(doubles)} packages are installed in two versions ({shown}): a transaction was interrupted."
        remedy = "Run dnf remove --duplicates on it (package-cleanup --cleandupes with yum), after reading its plan."
        yield Finding(FindingKind.PACKAGE_MANAGER_INTERRUPTED, Severity.ERROR, text, remedy)


def find_dnf_locks(section: Section) -> Iterator[Finding]:
    """Who holds a lock of rpm, dnf or yum now, and what yum left unfinished.

    Raises:
        UnreadableOutput: a line fits no known shape.
    """
    holders: dict[tuple[str, str], list[str]] = {}
    for number, line in section.lines():
        match = _LOCK.fullmatch(line)
        if match is None:
            raise UnreadableOutput(section.name, number, clean(line))
        path = clean_name(match["path"])
        if match["id"] == "unfinished":
            text = f"yum has an unfinished transaction: {path}."
            remedy = "Run yum-complete-transaction on it, after reading what it would do."
            yield Finding(FindingKind.PACKAGE_MANAGER_INTERRUPTED, Severity.ERROR, text, remedy)
        else:
            holders.setdefault((match["id"], clean_name(match["program"])), []).append(path)
    for (process, program), paths in holders.items():
        # dnf takes several in one transaction.
        text = f"{', '.join(dict.fromkeys(paths))}: locked by process {process} ({program})."
        remedy = "Wait until it has ended; never remove a lock file."
        yield Finding(FindingKind.PACKAGE_MANAGER_LOCKED, Severity.ERROR, clean(text, 500), remedy)


def find_subscription(answer: DnfAnswer, settings: DnfSettings, families: tuple[str, ...]) -> Iterator[Finding]:
    """A finding for a Red Hat system without a subscription, by its files or by subscription-manager's own word."""
    said = next((line for line in answer.noises if says_unregistered(line)), "")
    is_red_hat = families[:1] == ("rhel",)
    needs_one = all(name.startswith(RED_HAT) for name in answer.enabled)
    has_nothing = settings.has_subscription_manager and not settings.consumers and needs_one
    if is_red_hat and (said or has_nothing):
        text = said or "This Red Hat system has neither a subscription nor a repository of anybody else."
        remedy = "Register it with subscription-manager register, or give it a mirror's repositories."
        yield Finding(FindingKind.SUBSCRIPTION_NEEDED, Severity.ERROR, text, remedy)


def find_unsolvable(answer: DnfAnswer) -> Iterator[Finding]:
    """A finding where dependencies stop every upgrade."""
    if answer.unsolvable:
        text = f"An upgrade would do nothing: {answer.unsolvable}"
        remedy = "Run dnf check and dnf upgrade on it, and mend what they name."
        yield Finding(FindingKind.DEPENDENCIES_BROKEN, Severity.ERROR, clean(text, 500), remedy)


def find_hidden(updates: tuple[Update, ...]) -> Iterator[Finding]:
    """One finding for each security update that the machine's own configuration hides from every upgrade."""
    for update in updates:
        if update.blocker is not None and update.classification in _HIDING and _is_hidden(update):
            severity = f" ({update.severity})" if update.severity else ""
            advisories = ", ".join(update.advisories[:_SHOWN])
            text = f"{update.name}: {advisories}{severity} is hidden by {update.blocker_detail}."
            remedy = "Take the package out of the excludes or locks, or accept the risk knowingly."
            yield Finding(FindingKind.ADVISORY_HIDDEN, Severity.WARNING, clean(text), remedy)


def find_release_lock(section: Section | None, answer: DnfAnswer) -> Finding | None:
    """A finding for a machine that is held at a release of Amazon Linux 2023 while there are newer ones."""
    lines = [line for _, line in section.lines()] if section else []
    lines += answer.noises
    newer = next((match for line in lines if (match := _NEWER.search(line))), None)
    if newer is None:
        return None
    versions = [match["version"] for line in lines if (match := _VERSION.match(line))]
    named = f" ({', '.join(dict.fromkeys(versions[:_SHOWN]))})" if versions else ""
    text = f"A newer release of {clean_name(newer['name'])} is available{named}: what it holds is not offered here."
    remedy = "Run dnf check-release-update on it, and upgrade with --releasever of that release."
    return Finding(FindingKind.ADVISORY_HIDDEN, Severity.WARNING, text, remedy)


def find_unread(answer: DnfAnswer) -> Iterator[Finding]:
    """A finding for lines that fit no known shape: an update may be among them."""
    if answer.unread:
        text = f"{len(answer.unread)} lines of the package manager were not understood: {answer.unread[0][:200]}"
        remedy = (
            "Updates are not among them." if answer.is_framed else "An update may be among them; look at the machine."
        )
        severity = Severity.WARNING if answer.is_framed else Severity.ERROR
        yield Finding(FindingKind.LINES_NOT_READ, severity, text, remedy)


def read_reboot(section: Section | None, answer: DnfAnswer) -> RebootAnswer:
    """What needs-restarting says, by its words: a missing plugin exits 1 as well, as if a reboot were needed."""
    if answer.updated_since_boot is not None:
        return _by_packages(answer.updated_since_boot)
    if section is None:
        return RebootAnswer(Answer.UNKNOWN, "dnf has no plugin needs-restarting")
    said = decode(section.stdout[:65_536])
    names = [clean_name(match[1]) for line in said.splitlines() if (match := _UPDATED.match(line))]
    if any(words in said for words in _YES):
        return _by_packages(names or ["core packages"])
    if any(words in said for words in _NO):
        return _by_packages(())
    why = clean(decode(section.stderr[:1_000]), 200) or f"exit status {section.exit_status}"
    return RebootAnswer(Answer.UNKNOWN, f"needs-restarting did not say: {why}")


def _by_packages(names: Sequence[str]) -> RebootAnswer:
    if not names:
        return RebootAnswer(Answer.NO, "needs-restarting: no core package was updated since boot")
    return RebootAnswer(Answer.YES, f"needs-restarting: updated since boot: {', '.join(names[:5])}")


def _is_hidden(update: Update) -> bool:
    return update.blocker is not None and update.blocker.value in ("excluded", "version-locked", "dependency-excluded")
