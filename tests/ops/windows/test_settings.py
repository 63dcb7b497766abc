"""Settings of update clients on a peer: planned, kept before they are written, written whole or not, put back."""

import asyncio
import struct
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from fleet.machines import Machine
from fleet.update_client.held import number, text
from fleet.update_client.values import AUTOMATIC_KEY, POLICY_KEY, VALUES
from fleet.update_client.wishes import AutomaticUpdates, ClientWish, Switch
from ops.credentials.finding import HomeSecrets
from ops.enrolment import enable_machines, remove_machines
from ops.home import Home
from ops.state.audit import Audit
from ops.state.database import opened
from ops.windows.settings import (
    CONFIGURES,
    RESTORES,
    MachineDeed,
    Outcome,
    carry_out,
    list_kept,
    plan_configuring,
    plan_putting_back,
    read_settings,
)
from tests.ops.windows.conftest import Enrolled
from tests.winrm_peer.machine import AUTOMATIC_UPDATES, WINDOWS_UPDATE, PeerMachine
from tests.winrm_peer.parts import PeerFile, PeerUser, TokenKind
from tests.winrm_peer.scripts import configure_apply, configure_read

DOWNLOAD = ClientWish(automatic=AutomaticUpdates.DOWNLOAD)


def configure(home: Home, machines: Sequence[Machine], wish: ClientWish) -> list[MachineDeed]:
    """Reads, plans and does."""
    secrets = HomeSecrets(home)

    async def go() -> list[MachineDeed]:
        planned = plan_configuring(home, await read_settings(home, machines, secrets), wish)
        return await carry_out(home, planned, secrets, action=CONFIGURES)

    return asyncio.run(go())


def restore(home: Home, machines: Sequence[Machine], **how: Any) -> list[MachineDeed]:
    """Reads, plans and puts back."""
    secrets = HomeSecrets(home)

    async def go() -> list[MachineDeed]:
        planned = plan_putting_back(home, await read_settings(home, machines, secrets), **how)
        return await carry_out(home, planned, secrets, action=RESTORES)

    return asyncio.run(go())


def settings_of(peer: PeerMachine) -> dict[str, object]:
    """What of the update client is set."""
    return {**peer.registry.values(WINDOWS_UPDATE), **peer.registry.values(AUTOMATIC_UPDATES)}


def policy_file(*entries: tuple[str, str, int]) -> bytes:
    """A registry policy file: (key, name, number)."""
    semicolon, end = ";".encode("utf-16-le"), "]".encode("utf-16-le")
    content = b"PReg" + struct.pack("<I", 1)
    for key, name, value in entries:
        texts = (
            f"[{key}\0".encode("utf-16-le"),
            f"{name}\0".encode("utf-16-le"),
            struct.pack("<I", 4),
            struct.pack("<I", 4),
        )
        content += semicolon.join((*texts, struct.pack("<I", value))) + end
    return content


def test_list_in_the_script_is_what_may_be_set() -> None:
    """Nothing else can be written, and nothing that may be set is refused by the script."""
    keys = {value.name: value.key for value in VALUES if value.is_settable}
    assert configure_apply.allowed_keys() == keys
    assert {value.key for value in VALUES if value.is_settable} == {POLICY_KEY, AUTOMATIC_KEY}


def test_what_was_there_is_put_back_exactly(home: Home, enrolled: Enrolled) -> None:
    """Also what was of another type than Windows writes, and what was not set."""
    peer = PeerMachine(name="BACK")
    peer.registry.write(AUTOMATIC_UPDATES, "AUOptions", "3")
    peer.registry.write(WINDOWS_UPDATE, "WUServer", "http://old:8530")
    before = settings_of(peer)
    machine = enrolled(peer)

    done = configure(home, [machine], replace(DOWNLOAD, wsus="http://new:8530", microsoft_update=True))
    after = settings_of(peer)
    restored = restore(home, [machine])

    assert [deed.outcome for deed in (*done, *restored)] == [Outcome.DONE, Outcome.DONE]
    assert after["AUOptions"] == 7
    assert after["WUServer"] == "http://new:8530"
    assert settings_of(peer) == before
    assert not peer.registry.has_key(configure_read.MICROSOFT_UPDATE)
    assert list_kept(home, [machine]) == []


def test_second_time_writes_nothing(home: Home, enrolled: Enrolled) -> None:
    """Neither to the machine nor to the audit."""
    peer = PeerMachine(name="TWICE")
    machine = enrolled(peer)
    configure(home, [machine], DOWNLOAD)
    entries = _audited(home)

    done = configure(home, [machine], DOWNLOAD)

    assert done[0].outcome is Outcome.NOTHING
    assert [run.name for run in peer.runs].count("configure_apply") == 1
    assert _audited(home) == entries


def test_value_changed_since_is_left_alone_and_said(home: Home, enrolled: Enrolled) -> None:
    """Unless that is asked for; the others go back."""
    peer = PeerMachine(name="CHANGED")
    machine = enrolled(peer)
    configure(home, [machine], replace(DOWNLOAD, no_reboot_with_users=Switch.YES))
    peer.registry.write(AUTOMATIC_UPDATES, "AUOptions", 4)

    first = restore(home, [machine])[0]
    kept = list_kept(home, [machine])
    second = restore(home, [machine], overwrite=True)[0]

    assert first.refused == (("AUOptions", "somebody changed it since: it is 4, and 7 was written over not set"),)
    assert [value.name for _, values in kept for value in values] == ["AUOptions"]
    assert second.outcome is Outcome.DONE
    assert settings_of(peer) == {}
    assert list_kept(home, [machine]) == []


def test_value_that_changes_between_reading_and_writing_stops_all(home: Home, enrolled: Enrolled) -> None:
    """What was previewed is what is done, or nothing is."""
    peer = PeerMachine(name="RACE")
    machine = enrolled(peer)
    secrets = HomeSecrets(home)
    planned = plan_configuring(home, asyncio.run(read_settings(home, [machine], secrets)), DOWNLOAD)
    peer.registry.write(AUTOMATIC_UPDATES, "AUOptions", 2)

    done = asyncio.run(carry_out(home, planned, secrets, action=CONFIGURES))[0]

    assert done.outcome is Outcome.REFUSED
    assert "somebody changed" in done.reason
    assert settings_of(peer) == {"AUOptions": 2}


def test_what_was_is_kept_where_the_answer_is_lost(
    home: Home, enrolled: Enrolled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine did it and nobody heard: that is unknown, and can be put back."""
    peer = PeerMachine(name="LOST")
    peer.registry.write(AUTOMATIC_UPDATES, "AUOptions", 4)
    machine = enrolled(peer)
    whole = configure_apply.answer

    def deaf(machine: PeerMachine, told: Any, say: Callable[..., None]) -> None:
        whole(machine, told, lambda _: None)

    monkeypatch.setattr(configure_apply, "answer", deaf)
    done = configure(home, [machine], DOWNLOAD)[0]
    monkeypatch.setattr(configure_apply, "answer", whole)
    restored = restore(home, [machine])[0]

    assert done.outcome is Outcome.UNKNOWN
    assert "patchdeck windows show" in done.reason
    assert restored.outcome is Outcome.DONE
    assert settings_of(peer) == {"AUOptions": 4}


def test_second_change_that_is_refused_leaves_the_first_to_be_put_back(
    home: Home, enrolled: Enrolled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is still ours, and what was before it is still known."""
    peer = PeerMachine(name="AGAIN")
    peer.registry.write(AUTOMATIC_UPDATES, "AUOptions", 4)
    machine = enrolled(peer)
    configure(home, [machine], DOWNLOAD)
    whole = configure_apply.answer

    def refuse(machine: PeerMachine, told: Any, say: Callable[..., None]) -> None:
        say({"schema": 1, "state": "undone", "changes": [], "service_result": "", "errors": []})

    monkeypatch.setattr(configure_apply, "answer", refuse)
    second = configure(home, [machine], ClientWish(automatic=AutomaticUpdates.NOTIFY))[0]
    monkeypatch.setattr(configure_apply, "answer", whole)

    assert second.outcome is Outcome.FAILED
    assert restore(home, [machine])[0].outcome is Outcome.DONE
    assert settings_of(peer) == {"AUOptions": 4}
    assert list_kept(home, [machine]) == []


@pytest.mark.parametrize(
    "deed",
    [lambda home, name: enable_machines(home, [name], enabled=False), lambda home, name: remove_machines(home, [name])],
)
def test_what_became_of_a_machine_while_somebody_was_asked_counts(
    home: Home, enrolled: Enrolled, deed: Callable[[Home, str], object]
) -> None:
    """Between the preview and the answer an hour may pass."""
    peer = PeerMachine(name="SLOW")
    machine = enrolled(peer)
    secrets = HomeSecrets(home)
    planned = plan_configuring(home, asyncio.run(read_settings(home, [machine], secrets)), DOWNLOAD)
    deed(home, "SLOW")

    done = asyncio.run(carry_out(home, planned, secrets, action=CONFIGURES))[0]

    assert done.outcome is Outcome.REFUSED
    assert settings_of(peer) == {}
    assert list_kept(home, [machine]) == []


def test_lie_of_a_machine_is_noticed(home: Home, enrolled: Enrolled, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read back counts, not that it says applied."""
    peer = PeerMachine(name="LIAR")
    machine = enrolled(peer)

    def lie(machine: PeerMachine, told: Any, say: Callable[..., None]) -> None:
        say({"schema": 1, "state": "applied", "changes": [], "service_result": "", "errors": "\x1b[31mno"})

    monkeypatch.setattr(configure_apply, "answer", lie)
    done = configure(home, [machine], DOWNLOAD)[0]

    assert done.outcome is Outcome.FAILED
    assert "not as written: NoAutoUpdate, AUOptions" in done.reason
    assert "\x1b" not in done.reason


@pytest.mark.parametrize("source", ["applied", "local"])
def test_group_policy_that_would_put_it_back_is_named(home: Home, enrolled: Enrolled, source: str) -> None:
    """By its own files, for the values that it sets and no others."""
    peer = PeerMachine(name="POLICY", domain="corp.example")
    files = {configure_read.POLICY_FILES["applied"]: policy_file()}
    files[configure_read.POLICY_FILES[source]] = policy_file((AUTOMATIC_KEY, "auoptions", 4), ("Other\\Key", "x", 1))
    peer.files |= {path: PeerFile(content) for path, content in files.items()}
    machine = enrolled(peer)

    planned = plan_configuring(home, asyncio.run(read_settings(home, [machine], HomeSecrets(home))), DOWNLOAD)[0]

    conflicts = {change.name: change.conflict for change in planned.changes}
    assert conflicts["AUOptions"].startswith("Group Policy sets it to 4")
    assert conflicts["NoAutoUpdate"] == ""
    assert planned.notes == ()


def test_member_of_a_domain_whose_policy_cannot_be_read_is_told(home: Home, enrolled: Enrolled) -> None:
    """Unknown is not none."""
    peer = PeerMachine(name="MEMBER", domain="corp.example")
    peer.files[configure_read.POLICY_FILES["applied"]] = PeerFile(b"PReg\x01\x00\x00\x00[\x00cut")

    machine = enrolled(peer)
    planned = plan_configuring(home, asyncio.run(read_settings(home, [machine], HomeSecrets(home))), DOWNLOAD)[0]

    assert planned.is_open
    assert "member of corp.example" in planned.notes[0]


def test_filtered_token_is_refused_before_anything_is_written(home: Home, enrolled: Enrolled) -> None:
    """With its reason, and nothing kept."""
    peer = PeerMachine(name="PLAIN", users=[PeerUser(token=TokenKind.UNPRIVILEGED)])
    machine = enrolled(peer)

    done = configure(home, [machine], DOWNLOAD)[0]

    assert done.outcome is Outcome.REFUSED
    assert "filtered token" in done.reason
    assert list_kept(home, [machine]) == []


def test_machine_that_cannot_be_reached_keeps_nothing_and_stops_no_other(home: Home, enrolled: Enrolled) -> None:
    """Each has its own outcome."""
    gone, there = PeerMachine(name="GONE"), PeerMachine(name="THERE")
    machines = [enrolled(gone), enrolled(there)]
    secrets = HomeSecrets(home)
    planned = plan_configuring(home, asyncio.run(read_settings(home, machines, secrets)), DOWNLOAD)
    planned = [
        replace(d, settings=replace(d.settings, machine=_moved(d))) if d.machine.name == "GONE" else d for d in planned
    ]

    done = asyncio.run(carry_out(home, planned, secrets, action=CONFIGURES))

    assert [deed.outcome for deed in done] == [Outcome.FAILED, Outcome.DONE]
    assert "Nothing was changed" in done[0].reason
    assert [machine.name for machine, _ in list_kept(home, machines)] == ["THERE"]


def test_password_in_a_url_of_the_machine_is_never_kept(home: Home, enrolled: Enrolled) -> None:
    """It cannot be put back without keeping it, so it is left alone."""
    peer = PeerMachine(name="SECRET")
    peer.registry.write(WINDOWS_UPDATE, "WUServer", "http://admin:hunter2@wsus:8530")
    machine = enrolled(peer)

    done = configure(home, [machine], ClientWish(wsus="http://wsus:8530"))[0]

    assert done.outcome is Outcome.REFUSED
    assert b"hunter2" not in b"".join(path.read_bytes() for path in home.path.rglob("*") if path.is_file())
    assert "hunter2" not in repr(done)


def test_every_act_is_audited_before_and_after(home: Home, enrolled: Enrolled) -> None:
    """What it was, what it was to be, and what was read back."""
    machine = enrolled(PeerMachine(name="AUDITED"))
    configure(home, [machine], ClientWish(values={"AUOptions": number(2), "TargetGroup": text("Ring 1")}))

    with opened(home.state_file) as connection:
        after, before, *_ = Audit(connection).list_entries()

    assert (before.action, after.action) == ("machine.settings-configure", "machine.settings-configure-ended")
    assert before.target == after.target == "AUDITED"
    assert machine.id in (before.before or "")
    assert "Ring 1" in (before.after or "")
    assert '"outcome":"done' in (after.after or "")


def _audited(home: Home) -> int:
    with opened(home.state_file) as connection:
        return len(Audit(connection).list_entries())


def _moved(deed: MachineDeed) -> Machine:
    return replace(deed.machine, port=1)
