"""What zypper would do for an order: the summary of ``zypper --xmlout install --dry-run``, read without trusting it."""

import re
from collections.abc import Mapping
from html import unescape
from xml.parsers import expat

from collectors.managers.ordered_packages import find_kept, refuse, summarise
from collectors.managers.rpm_versions import evr_key, normal_evr
from collectors.sections import Section, Sections
from fleet.deployments.jobs import JobOrder, PackageOrder
from fleet.deployments.plan import ChangeKind, PackageChange, Simulation
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, clean_name, decode

_SNAPSHOT = (
    "the root file system is read-only and takes no single updates: "
    "run transactional-update on the machine, then reboot it"
)
# Elements of an install-summary: zypper's xmlout.rnc and Summary.cc.
_KINDS = {
    "to-upgrade": ChangeKind.UPGRADE,
    "to-upgrade-change-arch": ChangeKind.UPGRADE,
    "to-upgrade-change-vendor": ChangeKind.UPGRADE,
    "to-change-vendor": ChangeKind.UPGRADE,
    "to-install": ChangeKind.INSTALL,
    "to-remove": ChangeKind.REMOVE,
    "to-downgrade": ChangeKind.DOWNGRADE,
    "to-downgrade-change-arch": ChangeKind.DOWNGRADE,
    "to-downgrade-change-vendor": ChangeKind.DOWNGRADE,
    "to-reinstall": ChangeKind.REINSTALL,
}
_MOST_CHANGES = 20_000
_MOST_MESSAGES = 5_000
_DEEPEST = 32
_DECLARATION = b"<?xml"
# zypper(8): 106 is success with repositories left out; a dry run may answer what the real one would (102, 103).
_ANSWERED = (0, 102, 103, 106)


def read_simulation(sections: Sections, order: JobOrder) -> Simulation:
    """What zypper would do.

    Raises:
        UnreadableOutput: it is not XML that zypper writes.

    Source: collectors/jobs/zypper.sh; zypper 1.14.42 in the lab.
    """
    if sections.find("zypper-snapshot") is not None:
        return refuse(_SNAPSHOT)
    section = sections.find("zypper-rest") or sections.get("zypper-plan")
    before, declaration, rest = section.stdout.partition(_DECLARATION)
    if not declaration:
        if section.exit_status == 0:
            raise UnreadableOutput(section.name, 1, clean(decode(before[:200])) or "(no XML came)")
        return refuse(_describe(section, ""))
    summary = _Reader(section.name)
    if not summary.parse(declaration + rest) and section.exit_status in _ANSWERED:
        summary.refuse("(its XML has no end)")
    is_answered = section.exit_status in _ANSWERED
    problem = "" if is_answered else _describe(section, summary.explain())
    changes = tuple(summary.changes) if is_answered else ()
    refused = _parse_refused(sections.find("zypper-refused"))
    kept = find_kept(order, changes, _is_same, lambda package: _explain(summary, package, refused, problem))
    return summarise(changes, kept, problem, download_bytes=summary.download_bytes, disk_bytes=summary.disk_bytes)


def _describe(section: Section, said: str) -> str:
    if section.is_timed_out:
        return "zypper install --dry-run took too long"
    return said or f"zypper install --dry-run exited {section.exit_status}: {section.error_text or 'no message'}"


def _parse_refused(section: Section | None) -> Mapping[str, str]:
    """zypper's words for each package that it refuses alone, by what it was asked for."""
    refused = {}
    for number, line in section.lines() if section else ():
        spec, tab, words = line.partition("\t")
        if not tab:
            raise UnreadableOutput("zypper-refused", number, clean(line))
        text = unescape(words.removesuffix("</message>").removesuffix("</description>"))
        refused[spec] = clean(text.removeprefix("Problem: "), 500) or "zypper refuses it and does not say why"
    return refused


def _explain(summary: "_Reader", package: PackageOrder, refused: Mapping[str, str], problem: str) -> str:
    if words := refused.get(f"{package.name}.{package.architecture}={package.version}"):
        return words
    texts = (*summary.problems, *(text for _, text in summary.messages))
    names = (f"{package.name}-", f"{package.name}=", f"{package.name}.", f"'{package.name}'")
    return next((text for text in texts if any(name in text for name in names)), problem)


def _is_same(one: str, other: str) -> bool:
    return evr_key(one) == evr_key(other)


class _Reader:
    """Follows expat's events. No document type is taken, so that no entity can grow and no file can be asked for."""

    def __init__(self, section_name: str) -> None:
        self.changes: list[PackageChange] = []
        self.messages: list[tuple[str, str]] = []
        self.problems: list[str] = []
        self.download_bytes: int | None = None
        self.disk_bytes: int | None = None
        self._section_name = section_name
        self._path: list[str] = []
        self._attributes: list[dict[str, str]] = []
        self._text: list[str] = []
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text.append

    def parse(self, xml: bytes) -> bool:
        """Whether it was a whole document."""
        try:
            self._parser.Parse(xml, True)
        except expat.ExpatError as error:
            if self._path and error.code == expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS]:
                return False
            self.refuse(f"(not XML: {error})")
        return True

    def explain(self) -> str:
        """Why nothing would be done: the problems that the solver has, else what is told as an error."""
        errors = [text for kind, text in self.messages if kind == "error"]
        return "; ".join((self.problems or errors)[:3])

    def refuse(self, text: str) -> None:
        """Raises `UnreadableOutput`."""
        raise UnreadableOutput(self._section_name, self._parser.CurrentLineNumber, clean(text, 300))

    def _refuse_doctype(self, *_: object) -> None:
        self.refuse("(a document type, which zypper never writes)")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._path) >= _DEEPEST:
            self.refuse("(elements within elements without end)")
        if name == "install-summary":
            self.download_bytes = _parse_bytes(attributes.get("download-size", ""))
            self.disk_bytes = _parse_bytes(attributes.get("space-usage-diff", ""))
        elif name == "solvable" and self._path:
            self._take_solvable(self._path[-1], attributes)
        self._path.append(name)
        self._attributes.append(attributes)
        self._text.clear()

    def _take_solvable(self, heading: str, attributes: dict[str, str]) -> None:
        kind = _KINDS.get(heading)
        if kind is None or attributes.get("type", "package") != "package":
            return
        if len(self.changes) >= _MOST_CHANGES:
            self.refuse("(more packages than any machine has)")
        name, version = clean_name(attributes.get("name", "")), normal_evr(clean_name(attributes.get("edition", "")))
        if not name or not version:
            self.refuse("(a package without a name or an edition)")
        old = normal_evr(clean_name(attributes["edition-old"])) if attributes.get("edition-old") else ""
        architecture = clean_name(attributes.get("arch", ""))
        if kind is ChangeKind.REMOVE:
            self.changes.append(PackageChange(kind, name, architecture, version))
        else:
            self.changes.append(PackageChange(kind, name, architecture, old, version))

    def _end(self, _: str) -> None:
        name, attributes = self._path.pop(), self._attributes.pop()
        text = clean("".join(self._text), 1_000)
        self._text.clear()
        if name == "message" and len(self.messages) < _MOST_MESSAGES:
            self.messages.append((attributes.get("type", ""), text))
        elif (
            name == "description" and self._path and self._path[-1] == "prompt" and len(self.problems) < _MOST_MESSAGES
        ):
            self.problems.append(_without_solutions(text))


def _without_solutions(text: str) -> str:
    """Only what is wrong: the solutions below it are offers to a human."""
    return clean(text.partition(" Solution 1:")[0].removeprefix("Problem: "), 500)


def _parse_bytes(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?[0-9]{1,15}", text, re.ASCII) else None
