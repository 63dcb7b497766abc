"""The texts of the commands of dnf, dnf5 and yum 3: lists of updates, of advisories and of repositories."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from collectors.managers.dnf_answer import DnfAnswer, Fix, Key, RpmMetadata, RpmOffer
from collectors.managers.dnf_noise import is_noise
from collectors.managers.dnf_rows import RowDraft, parse_date, parse_offer, read_metadata
from collectors.managers.rpm_versions import compare_evr, normal_evr, split_nevra
from collectors.sections import Section, Sections
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, clean_name

# yum 3 has the time of day only in the words after the version, dnf5 in two words at the end of the line.
_ADVISORY = re.compile(r"(?:[ i] )? *(?P<id>\S+) +(?:(?P<severity>\w+)/Sec\.|(?P<kind>[a-z]{4,})) +(?P<nevra>\S+)")
_ADVISORY_5 = re.compile(
    r"(?P<id>\S+) +(?P<kind>[a-z]{4,}) +(?P<severity>\S+) +(?P<nevra>\S+) +(?P<date>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)"
)
_HEADING_5 = re.compile(r"Name +Type +Severity +Package +Issued")
# The first dnf5 cut kinds to four letters and severities to eight.
_KINDS = ("security", "bugfix", "enhancement", "newpackage")
_SEVERITIES = {"Importan": "Important"}
_NO_SEVERITIES = frozenset({"None", "Unknown", "none", "unknown", "Unspecif", "Unspecified"})
# baseos-9dcc104b40d8744a is the folder that dnf keeps baseos in.
_HASH = re.compile(r"-[0-9a-f]{16}$")
_OBSOLETING = "obsoleting packages"
_WORDS_OF_UPDATE = 3


@dataclass(slots=True)
class _Texts:
    """Lines that could not be read, and remarks, of all sections."""

    unread: list[str] = field(default_factory=list)
    noises: list[str] = field(default_factory=list)

    def set_aside(self, line: str) -> None:
        (self.noises if is_noise(line) else self.unread).append(clean(line, 500))


def parse_texts(sections: Sections) -> DnfAnswer:
    """The answer that the commands amount to; the sections must have ended well.

    Raises:
        UnreadableOutput: a section is missing, or a row of the probe itself fits no known shape.

    Source: dnf 4.14, run; yum 3.4.3, dnf5 5.1 and 5.2 and dnf 4.2 from captures, see tests/collectors/captures.
    """
    texts = _Texts()
    enabled = tuple(_parse_enabled(sections.get("dnf-enabled"), texts))
    newest = _by_key(_parse_candidates(sections.get("dnf-candidates"), texts))
    visible = _by_key(_parse_updates(sections.get("dnf-offered"), texts))
    return DnfAnswer(
        enabled=tuple(sorted({name for name, _ in enabled})),
        metadata=_parse_metadata(sections.get("dnf-metadata")),
        newest=newest,
        visible={key: _complete(offer, newest.get(key)) for key, offer in visible.items()},
        fixes=_join_cves(
            tuple(_parse_fixes(sections.get("dnf-advisories"), texts)),
            tuple(_parse_fixes(sections.get("dnf-cves"), texts)),
        ),
        release=next((release for _, release in enabled if release), _parse_release(sections.find("dnf-release"))),
        unread=tuple(dict.fromkeys(texts.unread)),
        noises=tuple(dict.fromkeys(texts.noises)),
    )


def _parse_release(section: Section | None) -> str:
    """The version of the package that dnf takes its releasever from; of those that rpm does not find, it says so."""
    words = [line.strip() for _, line in section.lines()] if section else []
    return next((clean(word, 64) for word in words if " " not in word), "")


def _by_key(offers: Iterator[RpmOffer]) -> dict[Key, RpmOffer]:
    """The newest of each: some commands list several versions."""
    newest: dict[Key, RpmOffer] = {}
    for offer in offers:
        known = newest.get(offer.key)
        if known is None or compare_evr(known.evr, offer.evr) < 0:
            newest[offer.key] = offer
    return newest


def _complete(offer: RpmOffer, known: RpmOffer | None) -> RpmOffer:
    return known if known is not None and known.evr == offer.evr else offer


def _parse_enabled(section: Section, texts: _Texts) -> Iterator[tuple[str, str]]:
    """Id and release of each repository. yum 3 writes ``!base/7/x86_64`` where dnf writes ``base``."""
    for _, line in section.lines():
        if is_noise(line) or line.startswith(" "):
            texts.set_aside(line)
            continue
        name, _, rest = line.split()[0].lstrip("!*").partition("/")
        yield clean_name(name), clean_name(rest.partition("/")[0])


def _parse_metadata(section: Section) -> Mapping[str, RpmMetadata]:
    draft = RowDraft()
    for number, line in section.lines():
        kind, *words = line.split("\t")
        if kind != "repo" or len(words) != 4:
            raise UnreadableOutput(section.name, number, clean(line))
        name = _HASH.sub("", words[0].rpartition("/")[2])
        if not read_metadata(draft, [name, *words[1:]]):
            raise UnreadableOutput(section.name, number, clean(line))
    return draft.metadata


def _parse_candidates(section: Section, texts: _Texts) -> Iterator[RpmOffer]:
    """Rows of ``repoquery``, or the list of ``yum check-update``."""
    if not section.stdout.lstrip().startswith(b"pkg\t") and b"\npkg\t" not in section.stdout:
        yield from _parse_updates(section, texts)
        return
    for number, line in section.lines():
        kind, *words = line.split("\t")
        if kind != "pkg":
            texts.set_aside(line)
        elif len(words) != 6:
            raise UnreadableOutput(section.name, number, clean(line))
        else:
            yield parse_offer(words)


def _parse_updates(section: Section, texts: _Texts) -> Iterator[RpmOffer]:
    """``name.arch  version  repository``; what obsoleting packages replace stands below them, and is no update."""
    is_obsoleting = False
    for line, words in _join_words(section, texts):
        if not words:
            is_obsoleting = True
        elif (offer := _parse_update(words)) is None:
            texts.set_aside(line)
        elif not is_obsoleting:
            yield offer


def _join_words(section: Section, texts: _Texts) -> Iterator[tuple[str, list[str]]]:
    """Three words or more and the line that ends them, since yum 3 breaks long ones into several lines.

    No words stand for the heading of the obsoleting packages, below which entries are indented.
    """
    words: list[str] = []
    is_obsoleting = False
    for _, line in section.lines():
        if words and not line.startswith(" "):
            texts.set_aside(" ".join(words))
            words = []
        if line.strip().lower() == _OBSOLETING:
            is_obsoleting = True
            yield line, []
        elif is_noise(line) or (not words and line.startswith(" ") and not is_obsoleting):
            texts.set_aside(line)
        else:
            words += line.split()
            if len(words) >= _WORDS_OF_UPDATE:
                yield line, words
                words = []
    if words:
        texts.set_aside(" ".join(words))


def _parse_update(words: list[str]) -> RpmOffer | None:
    name, dot, architecture = words[0].rpartition(".")
    if (
        len(words) != _WORDS_OF_UPDATE
        or not dot
        or not name
        or not architecture
        or not any(c.isdigit() for c in words[1])
    ):
        return None
    return RpmOffer(clean_name(name), normal_evr(clean_name(words[1])), clean_name(architecture), clean_name(words[2]))


def _parse_fixes(section: Section, texts: _Texts) -> Iterator[Fix]:
    for _, line in section.lines():
        match = _ADVISORY_5.fullmatch(line.strip()) or _ADVISORY.fullmatch(line.rstrip())
        package = split_nevra(match["nevra"]) if match else None
        if match is None or package is None:
            if not _HEADING_5.match(line):
                texts.set_aside(line)
            continue
        fields = match.groupdict()
        word = fields["kind"] or "security"
        yield Fix(
            advisory=clean_name(match["id"]),
            kind=next((kind for kind in _KINDS if kind.startswith(word[:4])), "unknown"),
            severity=_name_severity(fields["severity"] or ""),
            name=clean_name(package.name),
            evr=clean_name(package.evr),
            architecture=clean_name(package.architecture),
            published_at=parse_date(fields.get("date") or ""),
        )


def _name_severity(word: str) -> str:
    """The vendor's own word: Important, or important and medium as Amazon writes."""
    return "" if word in _NO_SEVERITIES else clean_name(_SEVERITIES.get(word, word))


def _join_cves(fixes: tuple[Fix, ...], references: tuple[Fix, ...]) -> tuple[Fix, ...]:
    """``fixes`` with the CVEs that the other list names for the same package in the same version."""
    cves: dict[tuple[str, str, str], list[str]] = {}
    for row in references:
        if row.advisory.startswith("CVE-"):
            cves.setdefault((row.name, row.evr, row.architecture), []).append(row.advisory)
    return tuple(
        replace(fix, cves=tuple(cves.get((fix.name, fix.evr, fix.architecture), ()))) if fix.is_security else fix
        for fix in fixes
    )
