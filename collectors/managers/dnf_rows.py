"""The rows that the probe prints by the Python of dnf 4: words parted by tabs, the first of which says what it is."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from collectors.managers.dnf_answer import DnfAnswer, Fix, Key, Plan, RpmMetadata, RpmOffer
from collectors.managers.dnf_noise import is_noise
from collectors.managers.rpm_versions import normal_evr
from collectors.sections import Section
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, clean_name

_MOST_UNREAD = 1_000
_CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{1,19}")


def parse_rows(section: Section) -> DnfAnswer:
    """What the rows of ``section`` say.

    Raises:
        UnreadableOutput: a row of a known kind has the wrong number of words, or names an advisory that is not there.

    Source: collectors/probes/dnf.sh; dnf 4.14 captured in a throw-away root.
    """
    draft = RowDraft()
    for number, line in section.lines():
        if not draft.add(line):
            raise UnreadableOutput(section.name, number, clean(line))
    plan = Plan(draft.plan, frozenset(draft.replaced), tuple(draft.problems), draft.plan_repositories)
    return DnfAnswer(
        enabled=tuple(sorted(set(draft.enabled))),
        metadata=draft.metadata,
        newest=draft.newest,
        visible=draft.visible,
        fixes=tuple(draft.fixes),
        plan=plan if draft.is_solved else None,
        release=draft.release,
        unread=tuple(draft.unread[:_MOST_UNREAD]),
        noises=tuple(draft.noises[:_MOST_UNREAD]),
        is_framed=True,
        updated_since_boot=draft.updated_since_boot,
        unsolvable=draft.unsolvable,
    )


def parse_offer(words: list[str]) -> RpmOffer:
    """The six words ``name evr architecture repository size source-rpm``, cleaned."""
    name, evr, architecture, repository, size, source = (clean_name(word) for word in words)
    size_bytes = int(size) if size.isdecimal() and len(size) < 16 else None
    source_name = source.rsplit("-", 2)[0] if source.count("-") >= 2 else ""
    return RpmOffer(name, normal_evr(evr), architecture, repository, size_bytes, source_name)


def parse_seconds(text: str) -> datetime | None:
    """Seconds since 1970 as a time; None for none, zero, and those of no year that can be."""
    if not text.isdecimal() or len(text) > 10 or int(text) == 0:
        return None
    return datetime.fromtimestamp(int(text), UTC)


def parse_date(text: str) -> datetime | None:
    """``2024-05-01 00:00:00``, in UTC as updateinfo has it, None for anything else."""
    try:
        return datetime.strptime(text[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


@dataclass(slots=True)
class RowDraft:
    """The answer as far as it has been read."""

    enabled: list[str] = field(default_factory=list)
    metadata: dict[str, RpmMetadata] = field(default_factory=dict)
    newest: dict[Key, RpmOffer] = field(default_factory=dict)
    visible: dict[Key, RpmOffer] = field(default_factory=dict)
    advisories: dict[str, list[str]] = field(default_factory=dict)
    fixes: list[Fix] = field(default_factory=list)
    plan: dict[Key, str] = field(default_factory=dict)
    plan_repositories: dict[Key, str] = field(default_factory=dict)
    replaced: list[Key] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    noises: list[str] = field(default_factory=list)
    updated_since_boot: tuple[str, ...] | None = None
    unsolvable: str = ""
    release: str = ""
    is_solved: bool = False

    def add(self, line: str) -> bool:
        """Take one row in; False if it is of a known kind but cannot be read."""
        kind, *words = line.split("\t")
        if line in ("solved", "end"):
            self.is_solved |= line == "solved"
            return True
        reader = _READERS.get(kind)
        if reader is None:
            (self.noises if is_noise(line) else self.unread).append(clean(line, 500))
            return True
        return len(words) == reader[0] and reader[1](self, words)


def _read_release(draft: RowDraft, words: list[str]) -> bool:
    draft.release = clean(words[0], 64)
    return True


def _read_enabled(draft: RowDraft, words: list[str]) -> bool:
    draft.enabled.append(clean_name(words[0]))
    return True


def read_metadata(draft: RowDraft, words: list[str]) -> bool:
    """The row ``repo``: id, made, fetched, whether it has advisories. The one that was fetched last counts."""
    name, made, fetched, has_advisories = words
    row = RpmMetadata(parse_seconds(made), parse_seconds(fetched), has_advisories == "yes")
    known = draft.metadata.get(clean_name(name))
    if known is None or (known.fetched_at and row.fetched_at and known.fetched_at < row.fetched_at):
        draft.metadata[clean_name(name)] = row
    return has_advisories in ("yes", "no")


def _read_newest(draft: RowDraft, words: list[str]) -> bool:
    offer = parse_offer(words)
    draft.newest[offer.key] = offer
    return bool(offer.name and offer.evr)


def _read_visible(draft: RowDraft, words: list[str]) -> bool:
    offer = parse_offer(words)
    draft.visible[offer.key] = offer
    return bool(offer.name and offer.evr)


def _read_advisory(draft: RowDraft, words: list[str]) -> bool:
    draft.advisories[words[0]] = words
    return bool(words[0])


def _read_fix(draft: RowDraft, words: list[str]) -> bool:
    advisory = draft.advisories.get(words[0])
    if advisory is None:
        return False
    _, kind, severity, date, urls, cves = advisory
    draft.fixes.append(
        Fix(
            advisory=clean_name(words[0]),
            kind=clean_name(kind),
            severity="" if severity in ("None", "") else clean_name(severity),
            name=clean_name(words[1]),
            evr=normal_evr(clean_name(words[2])),
            architecture=clean_name(words[3]),
            published_at=parse_date(date),
            urls=tuple(clean(url, 1_000) for url in urls.split() if url.startswith(("https://", "http://"))),
            # Some references name several, in words between them.
            cves=tuple(dict.fromkeys(_CVE.findall(cves))),
        )
    )
    return True


def _read_plan(draft: RowDraft, words: list[str]) -> bool:
    action, name, evr, architecture, repository = (clean_name(word) for word in words)
    if action == "Obsoleted":
        draft.replaced.append((name, architecture))
    else:
        draft.plan[name, architecture] = normal_evr(evr)
        draft.plan_repositories[name, architecture] = repository
    return True


def _read_problem(draft: RowDraft, words: list[str]) -> bool:
    draft.problems.append(clean(words[0], 2_000))
    return True


def _read_unsolvable(draft: RowDraft, words: list[str]) -> bool:
    draft.unsolvable = clean(words[0], 2_000)
    return True


def _read_reboot(draft: RowDraft, words: list[str]) -> bool:
    draft.updated_since_boot = tuple(clean_name(name) for name in words[0].split())
    return True


def _read_no_hint(draft: RowDraft, words: list[str]) -> bool:
    draft.noises.append(clean(" ".join(words), 200))
    return True


_READERS: Mapping[str, tuple[int, Callable[[RowDraft, list[str]], bool]]] = {
    "releasever": (1, _read_release),
    "enabled": (2, _read_enabled),
    "repo": (4, read_metadata),
    "pkg": (6, _read_newest),
    "vis": (6, _read_visible),
    "adv": (6, _read_advisory),
    "fix": (4, _read_fix),
    "plan": (5, _read_plan),
    "problem": (1, _read_problem),
    "unsolvable": (1, _read_unsolvable),
    "unexplained": (1, _read_problem),
    "reboot": (1, _read_reboot),
    "no-reboot-hint": (2, _read_no_hint),
}
