"""OVAL definitions as plain records, read element by element; XML that declares a document type is refused."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.parsers import expat

from fleet.errors import FeedUnusable
from fleet.hostile import clean
from ops.feeds.releases import release_of_name

_CHUNK_BYTES = 1 << 18
# A description, the longest text, has some kilobytes; none of it is kept beyond this.
_TEXT_CHARACTERS = 2_000
_DEEPEST = 200
_LESS_THAN = "less than"


@dataclass(slots=True)
class OvalCve:
    """A CVE as an advisory names it: ``scored`` is as ``7.8/CVSS:3.1/AV:…``, ``public`` as ``20220518``."""

    name: str
    impact: str = ""
    scored: str = ""
    public: str = ""


@dataclass(slots=True)
class OvalDefinition:
    """A vulnerability or a patch. ``criteria`` are tests, each with the comments of the "is installed" beside it."""

    title: str = ""
    kind: str = ""
    severity: str = ""
    platforms: list[str] = field(default_factory=list)
    references: list[tuple[str, str, str]] = field(default_factory=list)
    cves: list[OvalCve] = field(default_factory=list)
    criteria: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)


@dataclass(slots=True)
class OvalFile:
    """All of a file: definitions, and by id tests (object, state), names or variables of objects, versions of states.

    Of states only those that say "less than a version" are kept.
    """

    definitions: list[OvalDefinition] = field(default_factory=list)
    tests: dict[str, tuple[str, str]] = field(default_factory=dict)
    objects: dict[str, str] = field(default_factory=dict)
    variables_of_objects: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    variables: dict[str, list[str]] = field(default_factory=dict)


def read_oval(stream: BinaryIO, name: str) -> OvalFile:
    """The definitions in ``stream``.

    Raises:
        FeedUnusable: it is not well-formed, declares a document type, or has no definitions.
    """
    reader = _Reader()
    # Feeds are UTF-8, whatever they declare: expat asks Python for any encoding, which may not know it.
    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    # Entities that name each other grow without bound; no OVAL file has any.
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        while data := stream.read(_CHUNK_BYTES):
            parser.Parse(data, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise FeedUnusable(f"{name} is not whole XML: {clean(str(error), 200)}.") from error
    if not reader.has_definitions:
        raise FeedUnusable(f"{name} holds no OVAL definitions.")
    return reader.file


def _refuse_doctype(name: str, _system: str | None, _public: str | None, _has_subset: bool) -> None:
    raise FeedUnusable(f"The XML declares a document type {clean(name, 40)!r}, which no feed needs: it is not read.")


class _Reader:
    """Takes the events of a parser. ``_groups`` are the criteria that are open: their platforms and first own test."""

    def __init__(self) -> None:
        self.file = OvalFile()
        self.has_definitions = False
        self._definition = OvalDefinition()
        self._groups: list[tuple[list[str], int]] = []
        self._id = ""
        self._object_ref = ""
        self._is_less_than = False
        self._text: list[str] = []
        self._length = 0
        self._depth = 0
        self._starts: dict[str, Callable[[dict[str, str]], None]] = {
            "definition": self._start_definition,
            "reference": self._start_reference,
            "cve": self._start_cve,
            "criteria": self._start_criteria,
            "criterion": self._start_criterion,
            "object": self._start_object_reference,
            "state": self._start_state_reference,
            "name": self._start_name,
            "evr": self._start_evr,
        }
        self._ends: dict[str, Callable[[str], None]] = {
            "title": self._end_title,
            "platform": self._end_platform,
            "severity": self._end_severity,
            "cve": self._end_cve,
            "criteria": self._end_criteria,
            "definition": lambda _: self.file.definitions.append(self._definition),
            "name": self._end_name,
            "evr": self._end_evr,
            "value": lambda text: self.file.variables.setdefault(self._id, []).append(text),
        }

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise FeedUnusable("The XML is nested deeper than any feed: it is not read.")
        name = tag.rpartition(" ")[2]
        self._text, self._length = [], 0
        if name.endswith(("_test", "_object", "_state", "_variable")):
            self._id = attributes.get("id", "")
            self._object_ref = ""
        elif start := self._starts.get(name):
            start(attributes)

    def end(self, tag: str) -> None:
        self._depth -= 1
        if end := self._ends.get(tag.rpartition(" ")[2]):
            end("".join(self._text).strip())
        self._text, self._length = [], 0

    def text(self, data: str) -> None:
        if self._length < _TEXT_CHARACTERS:
            self._text.append(data[: _TEXT_CHARACTERS - self._length])
            self._length += len(data)

    def _start_definition(self, attributes: dict[str, str]) -> None:
        self.has_definitions = True
        self._definition = OvalDefinition(kind=attributes.get("class", ""))
        self._groups = []

    def _start_reference(self, attributes: dict[str, str]) -> None:
        values = (attributes.get("source", ""), attributes.get("ref_id", ""), attributes.get("ref_url", ""))
        self._definition.references.append(values)

    def _start_cve(self, attributes: dict[str, str]) -> None:
        impact = attributes.get("impact") or attributes.get("priority") or attributes.get("severity") or ""
        scored = attributes.get("cvss3") or attributes.get("cvss_vector") or ""
        self._definition.cves.append(OvalCve("", impact, scored, attributes.get("public", "")))

    def _end_cve(self, text: str) -> None:
        if self._definition.cves:
            self._definition.cves[-1].name = text

    def _start_criteria(self, _: dict[str, str]) -> None:
        self._groups.append(([], len(self._definition.criteria)))

    def _end_criteria(self, _: str) -> None:
        """The group's platforms hold for every test within it."""
        platforms, first = self._groups.pop()
        if platforms:
            own = tuple(platforms)
            tests = self._definition.criteria
            tests[first:] = [(test, known or own) for test, known in tests[first:]]

    def _start_criterion(self, attributes: dict[str, str]) -> None:
        if attributes.get("negate") == "true":
            return
        comment = attributes.get("comment", "")
        if comment.endswith(" is installed") and self._groups and release_of_name(comment):
            self._groups[-1][0].append(comment)
        self._definition.criteria.append((attributes.get("test_ref", ""), ()))

    def _start_object_reference(self, attributes: dict[str, str]) -> None:
        self._object_ref = attributes.get("object_ref", "")

    def _start_state_reference(self, attributes: dict[str, str]) -> None:
        if self._object_ref:
            self.file.tests[self._id] = (self._object_ref, attributes.get("state_ref", ""))

    def _start_name(self, attributes: dict[str, str]) -> None:
        if "var_ref" in attributes:
            self.file.variables_of_objects[self._id] = attributes["var_ref"]

    def _start_evr(self, attributes: dict[str, str]) -> None:
        self._is_less_than = attributes.get("operation", "") == _LESS_THAN

    def _end_title(self, text: str) -> None:
        self._definition.title = text

    def _end_platform(self, text: str) -> None:
        self._definition.platforms.append(text)

    def _end_severity(self, text: str) -> None:
        self._definition.severity = text

    def _end_name(self, text: str) -> None:
        if text:
            self.file.objects[self._id] = text

    def _end_evr(self, text: str) -> None:
        if self._is_less_than and text:
            self.file.states[self._id] = text
