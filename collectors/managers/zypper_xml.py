"""The answers of ``zypper --xmlout``: updates, patches and messages, read without trusting the XML."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.parsers import expat

from collectors.sections import Section
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, clean_name, decode

_MOST_UPDATES = 20_000
_MOST_ISSUES = 5_000
_MOST_TEXT = 16_384
_DEEPEST = 32
_DECLARATION = b"<?xml"
_CVE = re.compile(r"CVE-\d{4}-\d{4,12}", re.IGNORECASE)
# Elements that only show how far zypper is, or that hold what is read from their parent.
_SILENT = frozenset({"stream", "update-status", "update-list", "blocked-update-list", "issue-list", "progress"})


@dataclass(frozen=True, slots=True)
class Issue:
    """What a patch says that it mends: ``kind`` is cve, bugzilla or another word of the vendor's."""

    kind: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class ListedUpdate:
    """A package or a patch of one of zypper's lists. ``installed`` is empty where an old zypper does not say it.

    The fields from ``status`` on are empty for packages. ``changes_manager`` is whether it holds zypper itself, so that
    it is installed alone before others; ``asks`` whether it wants an answer of a human, ``restarts`` whether that is
    only the wish for a reboot. ``has_licence`` is whether one must be agreed to.
    """

    kind: str
    name: str
    offered: str
    installed: str
    architecture: str
    alias: str
    has_licence: bool = False
    status: str = ""
    category: str = ""
    severity: str = ""
    changes_manager: bool = False
    asks: bool = False
    restarts: bool = False
    issued_at: datetime | None = None
    issues: tuple[Issue, ...] = ()

    @property
    def cves(self) -> tuple[str, ...]:
        """The CVEs that it names, in order."""
        return tuple(dict.fromkeys(i.name.upper() for i in self.issues if _CVE.fullmatch(i.name)))


@dataclass(frozen=True, slots=True)
class ZypperList:
    """One answer. ``messages`` are (type, text); ``unread`` is text that stands where none should."""

    updates: tuple[ListedUpdate, ...]
    messages: tuple[tuple[str, str], ...]
    unread: tuple[str, ...]

    def texts(self, kind: str) -> tuple[str, ...]:
        """The messages of one type: info, warning or error."""
        return tuple(text for told, text in self.messages if told == kind)


def parse_list(section: Section) -> ZypperList:
    """What ``list-updates`` or ``list-patches`` printed.

    Raises:
        UnreadableOutput: it is not XML that zypper writes.

    Source: zypper 1.14.42 and /usr/share/zypper/xml/xmlout.rnc; captured in a throw-away root, and see the captures'
    README for SLES 12 and 15, Leap 16 and Tumbleweed.
    """
    noise, declaration, rest = section.stdout.partition(_DECLARATION)
    if not declaration:
        raise UnreadableOutput(section.name, 1, clean(decode(section.stdout[:200])) or "(no XML came)")
    reader = _Reader(section.name)
    if noise.strip():
        reader.unread.append(clean(decode(noise[:_MOST_TEXT]), 200))
    reader.parse(declaration + rest)
    return ZypperList(tuple(reader.updates), tuple(reader.messages), tuple(reader.unread))


@dataclass(slots=True)
class _Draft:
    attributes: Mapping[str, str]
    alias: str = ""
    has_licence: bool = False
    issued_at: datetime | None = None
    issues: list[Issue] = field(default_factory=list)

    def finish(self) -> ListedUpdate:
        attribute = self.attributes.get
        return ListedUpdate(
            kind=clean_name(attribute("kind", "package")),
            name=clean_name(attribute("name", "")),
            offered=clean_name(attribute("edition", "")),
            installed=clean_name(attribute("edition-old", "")),
            architecture=clean_name(attribute("arch", "")),
            alias=self.alias,
            has_licence=self.has_licence,
            status=clean_name(attribute("status", "")),
            category=clean_name(attribute("category", "")),
            severity=clean_name(attribute("severity", "")),
            changes_manager=attribute("pkgmanager") == "true",
            asks=attribute("interactive") == "true",
            restarts=attribute("restart") == "true",
            issued_at=self.issued_at,
            issues=tuple(self.issues),
        )


class _Reader:
    """Follows expat's events. No document type is taken, so that no entity can grow and no file can be asked for."""

    def __init__(self, section_name: str) -> None:
        self.updates: list[ListedUpdate] = []
        self.messages: list[tuple[str, str]] = []
        self.unread: list[str] = []
        self._section_name = section_name
        self._path: list[tuple[str, dict[str, str]]] = []
        self._text: list[str] = []
        self._draft: _Draft | None = None
        self._address = ""
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text.append

    def parse(self, xml: bytes) -> None:
        try:
            self._parser.Parse(xml, True)
        except expat.ExpatError as error:
            self._refuse(f"(not XML: {error})")

    def _refuse_doctype(self, *_: object) -> None:
        self._refuse("(a document type, which zypper never writes)")

    def _refuse(self, text: str) -> None:
        raise UnreadableOutput(self._section_name, self._parser.CurrentLineNumber, clean(text, 300))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._take_stray_text()
        if len(self._path) >= _DEEPEST:
            self._refuse("(elements within elements without end)")
        self._path.append((name, attributes))
        if name == "update":
            self._draft = _Draft(attributes)

    def _take_stray_text(self) -> None:
        """Text between elements: zypper prints some of what it says without a message around it."""
        text = "".join(self._text).strip()
        self._text.clear()
        if text:
            self.unread.append(clean(text, 200))

    def _end(self, _: str) -> None:
        name, attributes = self._path.pop()
        if name in _SILENT:
            self._take_stray_text()
            return
        text = "".join(self._text)[:_MOST_TEXT].strip()
        self._text.clear()
        if name == "message":
            self.messages.append((attributes.get("type", ""), clean(text)))
        elif name == "update":
            self._finish_update()
        elif self._draft is not None:
            self._read_part(self._draft, name, attributes, text)

    def _finish_update(self) -> None:
        if self._draft is None or len(self.updates) >= _MOST_UPDATES:
            self._refuse("(more updates than any machine has)")
            return
        update = self._draft.finish()
        if not update.name or not update.offered:
            self._refuse("(an update without a name or an edition)")
        self.updates.append(update)
        self._draft = None

    def _read_part(self, draft: _Draft, name: str, attributes: Mapping[str, str], text: str) -> None:
        if name == "source":
            draft.alias = clean_name(attributes.get("alias", ""))
        elif name == "license":
            draft.has_licence = bool(text)
        elif name == "issue-date":
            draft.issued_at = _parse_seconds(attributes.get("time_t", ""))
        elif name == "href":
            self._address = clean(text, 1_000)
        elif name == "issue":
            kind, number = clean_name(attributes.get("type", "")), clean_name(attributes.get("id", ""))
            draft.issues.append(Issue(kind, number, self._address))
            self._address = ""
            if len(draft.issues) > _MOST_ISSUES:
                self._refuse("(more issues than any patch has)")


def _parse_seconds(text: str) -> datetime | None:
    if not re.fullmatch(r"\d{1,11}", text, re.ASCII):
        return None
    return datetime.fromtimestamp(int(text), UTC)
