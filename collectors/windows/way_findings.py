"""What is to be said of the way on which a Windows machine answered."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from fleet.failures import Finding, FindingKind, Severity
from fleet.machines import Machine, TransportKind
from fleet.winrm import WinrmKind, WinrmScheme, WinrmWay

# Authorities of a domain renew six weeks before the end: what is nearer than this was left to somebody.
EXPIRING_DAYS = 30
_REMEDY = "Set up an HTTPS listener (docs/winrm.md), and reach it by that: patchdeck machines edit MACHINE."


def way_findings(machine: Machine, certificate_ends_at: datetime | None, now: datetime) -> Iterator[Finding]:
    """Whether whoever stands between could have answered in its place, or read what was sent; and what ends soon.

    ``certificate_ends_at`` is that of the certificate that it showed, None where it showed none. One that has ended
    and still holds was accepted as it is: nothing is to be said of it.
    """
    way = machine.winrm or WinrmWay()
    if machine.transport is not TransportKind.WINRM:
        return
    if way.scheme is WinrmScheme.HTTP:
        yield _open_way(way)
    elif certificate_ends_at is not None and now < certificate_ends_at < now + timedelta(days=EXPIRING_DAYS):
        yield _ending(machine, certificate_ends_at)


def _open_way(way: WinrmWay) -> Finding:
    said = "the login encrypts messages, and no certificate proves which machine answers"
    if way.kind is WinrmKind.BASIC:
        said = "nothing is encrypted, the password neither"
    elif way.is_clear_text_allowed:
        said = "where its profile logs in by basic, nothing is encrypted, the password neither"
    return Finding(
        FindingKind.MESSAGES_NOT_AUTHENTICATED, Severity.WARNING, f"It is reached by WinRM over HTTP: {said}.", _REMEDY
    )


def _ending(machine: Machine, ends_at: datetime) -> Finding:
    remedy = (
        "Renew it there, and give it to the HTTPS listener of WinRM; one that was accepted is accepted anew then: "
        f"patchdeck machines accept-certificate {machine.name}."
    )
    text = f"The certificate of its WinRM expires on {ends_at:%Y-%m-%d}."
    return Finding(FindingKind.CERTIFICATE_EXPIRING, Severity.WARNING, text, remedy)
