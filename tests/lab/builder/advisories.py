"""Advisories as rpm repositories publish them: updateinfo.xml, for dnf and zypper alike."""

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from tests.lab.builder.rpms import Rpm


@dataclass(frozen=True, slots=True)
class Advisory:
    """One advisory. ``fixes`` are the packages, each with the version that fixed.

    ``kind`` and ``severity`` are verbatim. ``flags`` are the elements of a package that libzypp reads:
    `reboot_suggested`, `restart_suggested`, `relogin_suggested`.
    """

    id: str
    repository: str
    kind: str
    severity: str
    fixes: tuple[Rpm, ...]
    cves: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    issued: str = "2024-05-06 07:08:09"
    vendor: str = "releng@lab.example"

    @property
    def url(self) -> str:
        """The page of the advisory, the first of its references."""
        return f"https://errata.lab.example/{self.id}"


def updateinfo(advisories: tuple[Advisory, ...]) -> str:
    """The text of updateinfo.xml that holds ``advisories``."""
    return "\n".join(('<?xml version="1.0" encoding="UTF-8"?>', "<updates>", *map(_update, advisories), "</updates>\n"))


def _update(advisory: Advisory) -> str:
    severity = f"<severity>{escape(advisory.severity)}</severity>" if advisory.severity else ""
    references = [("self", advisory.id, advisory.url)]
    references += [("cve", cve, f"https://www.cve.org/CVERecord?id={cve}") for cve in advisory.cves]
    flags = "".join(f"<{flag}>True</{flag}>" for flag in advisory.flags)
    return (
        f'<update from={quoteattr(advisory.vendor)} status="final" type={quoteattr(advisory.kind)} version="1">'
        f"<id>{escape(advisory.id)}</id><title>{escape(advisory.id)} of the lab</title>"
        f'<issued date="{advisory.issued}"/><updated date="{advisory.issued}"/>{severity}'
        f"<summary>What {escape(advisory.id)} is about</summary><description>Text of\nseveral lines.</description>"
        f"<references>{''.join(_reference(*reference) for reference in references)}</references>"
        f'<pkglist><collection short="lab"><name>The lab</name>'
        f"{''.join(_package(fix, flags) for fix in advisory.fixes)}</collection></pkglist></update>"
    )


def _reference(kind: str, identity: str, url: str) -> str:
    name = quoteattr(identity)
    return f"<reference href={quoteattr(url)} id={name} title={name} type={quoteattr(kind)}/>"


def _package(fix: Rpm, flags: str) -> str:
    evr = fix.parts
    return (
        f"<package name={quoteattr(fix.name)} version={quoteattr(evr.version)} release={quoteattr(evr.release)} "
        f'epoch="{evr.epoch or 0}" arch="{fix.architecture}" src="{fix.name}.src.rpm">'
        f"<filename>{fix.file_name}</filename>{flags}</package>"
    )
