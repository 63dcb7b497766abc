"""Machines that are reached without TLS are marked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from collectors.windows.script_call import call_script
from collectors.windows.way_findings import EXPIRING_DAYS, way_findings
from fleet.failures import FindingKind
from fleet.winrm import WinrmKind, WinrmScheme, WinrmWay
from tests.collectors.winrm.reaching import machine_at, reaching
from tests.winrm_peer.peer import WinrmPeer

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_http_is_marked_and_https_is_not(shared_peer: WinrmPeer) -> None:
    """Whatever encrypts the messages, no certificate proves who answers over HTTP."""
    plain, tls = shared_peer.add(), shared_peer.add(scheme="https")

    marked = list(way_findings(machine_at(plain), None, NOW))

    assert [finding.kind for finding in marked] == [FindingKind.MESSAGES_NOT_AUTHENTICATED]
    assert "password" in next(way_findings(machine_at(plain, WinrmKind.BASIC), None, NOW)).text
    assert list(way_findings(machine_at(tls), None, NOW)) == []


def test_clear_text_that_a_profile_may_choose_is_never_called_encrypted(shared_peer: WinrmPeer) -> None:
    """The login may be named by the profile alone: what was allowed is what is told."""
    way = WinrmWay(WinrmScheme.HTTP, is_clear_text_allowed=True)

    (marked,) = way_findings(replace(machine_at(shared_peer.add()), winrm=way), None, NOW)

    assert "the password neither" in marked.text
    assert "the login encrypts" not in marked.text


@pytest.mark.parametrize(("days", "is_told"), [(-1, False), (1, True), (29, True), (31, False)])
def test_a_certificate_that_ends_soon_is_told_before_it_stops_the_machine(
    shared_peer: WinrmPeer, days: int, is_told: bool
) -> None:
    """With its date and what to do; one that has ended and holds was accepted so."""
    machine = machine_at(shared_peer.add(scheme="https"))

    found = list(way_findings(machine, NOW + timedelta(days=days), NOW))

    assert [finding.kind for finding in found] == [FindingKind.CERTIFICATE_EXPIRING] * is_told
    assert all(f"{NOW + timedelta(days=days):%Y-%m-%d}" in finding.text for finding in found)


async def test_what_ran_over_https_says_when_the_certificate_ends(shared_peer: WinrmPeer) -> None:
    """It is that of the machine; over HTTP there is none."""
    ends = []
    for scheme in ("https", "http"):
        async with reaching(machine_at(shared_peer.add(scheme=scheme))) as transport:
            greeted = await transport.run(call_script("greet").payload, deadline_seconds=60, max_output_bytes=100_000)
        ends.append(greeted.certificate_ends_at)

    assert ends[0] is not None and ends[1] is None
    assert timedelta(days=EXPIRING_DAYS) < ends[0] - datetime.now(UTC) < timedelta(days=366)
