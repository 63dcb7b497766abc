"""`patchdeck machines`: enrolling, changing, forgetting."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Patchdeck = Callable[..., Any]


def listed(patchdeck: Patchdeck, *arguments: str) -> list[dict[str, Any]]:
    machines: list[dict[str, Any]] = json.loads(patchdeck("machines", "list", "--json", *arguments).out)
    return machines


def test_the_same_definition_again_changes_nothing(patchdeck: Patchdeck) -> None:
    """Adding twice is once, and says so."""
    arguments = ("machines", "add", "web-01", "--address", "192.0.2.7", "--user", "admin", "--tag", "env=prod")

    first, second = patchdeck(*arguments), patchdeck(*arguments)

    assert "is enrolled" in first.err
    assert "already" in second.err
    assert [machine["name"] for machine in listed(patchdeck)] == ["web-01"]


def test_another_definition_of_the_same_name_is_refused(patchdeck: Patchdeck) -> None:
    """The error names what differs, and the verb that changes it."""
    patchdeck("machines", "add", "web-01", "--address", "192.0.2.7")

    again = patchdeck("machines", "add", "WEB-01", "--address", "192.0.2.8", code=2)

    assert again.err.startswith("patchdeck: ")
    assert "address" in again.err
    assert "machines edit web-01" in again.err


def test_without_an_address_the_name_is_looked_up(patchdeck: Patchdeck) -> None:
    """A name that ~/.ssh/config knows is enough."""
    (machine,) = json.loads(patchdeck("machines", "add", "bastion.example", "--json").out)

    assert (machine["transport"], machine["address"]) == ("ssh", "bastion.example")


def test_edit_changes_only_what_is_given(patchdeck: Patchdeck) -> None:
    """The rest stays; --clear goes back to the default; the id survives a new name."""
    (before,) = json.loads(
        patchdeck("machines", "add", "web-01", "--address", "192.0.2.7", "--port", "2222", "--tag", "a=1", "--json").out
    )

    (after,) = json.loads(
        patchdeck(
            *("machines", "edit", "web-01", "--name", "web-02", "--user", "ops", "--clear", "port"),
            *("--tag", "b=2", "--untag", "a", "--json"),
        ).out
    )

    assert after["id"] == before["id"]
    assert (after["name"], after["address"], after["port"], after["user"]) == ("web-02", "192.0.2.7", None, "ops")
    assert after["tags"] == {"b": "2"}


def test_disabled_machines_are_listed_as_such(patchdeck: Patchdeck) -> None:
    """disable and enable say what changed, and twice is once."""
    patchdeck("machines", "add", "web-01")

    disabled = patchdeck("machines", "disable", "web-*")
    again = patchdeck("machines", "disable", "web-01")

    assert "web-01: disabled now." in disabled.err
    assert "already" in again.err
    assert listed(patchdeck)[0]["compliance"] == "disabled"


def test_remove_forgets_and_wants_a_yes_for_many(patchdeck: Patchdeck) -> None:
    """One machine goes at once; several only with --yes where nobody can be asked."""
    for name in ("a", "b", "c"):
        patchdeck("machines", "add", name)

    patchdeck("machines", "remove", "a")
    refused = patchdeck("machines", "remove", "all", code=2)
    assert "--yes" in refused.err
    assert len(listed(patchdeck)) == 2
    patchdeck("machines", "remove", "all", "--yes")

    assert listed(patchdeck) == []


def test_list_tells_the_denominator(patchdeck: Patchdeck) -> None:
    """A machine that was never assessed counts in the denominator and is not compliant."""
    patchdeck("machines", "add", "web-01")

    ended = patchdeck("machines", "list")

    assert "0 of 1 assessed; 1 not-assessed." in ended.err
    assert "not-assessed" in ended.out


def test_the_empty_fleet_says_how_to_begin(patchdeck: Patchdeck) -> None:
    """Nothing on standard output, the first step on standard error."""
    ended = patchdeck("machines", "list")

    assert ended.out == ""
    assert "machines add this --transport local" in ended.err


def test_every_deed_is_in_the_audit(patchdeck: Patchdeck) -> None:
    """Who did what, newest first, with what it was and is."""
    patchdeck("machines", "add", "web-01")
    patchdeck("machines", "edit", "web-01", "--port", "2222")
    patchdeck("machines", "remove", "web-01")

    entries = json.loads(patchdeck("audit", "--json").out)

    assert [entry["action"] for entry in entries] == ["machine.remove", "machine.edit", "machine.add"]
    assert entries[1]["after"]["port"] == 2222
    assert "machines edit web-01" in entries[1]["command"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["x", "--address", "http://192.0.2.7"], "scheme"),
        (["x", "--address", "192.0.2.7:22"], "--port"),
        (["x", "--address", "root@192.0.2.7"], "--user"),
        (["x", "--address", "not a host"], "malformed"),
        (["x", "--address", "300.1.2.3"], "malformed"),
        (["x", "--port", "70000"], "65535"),
        (["x", "--port", "ssh"], "--port"),
        (["x", "--user", "-oProxyCommand=id"], "User name"),
        (["x", "--proxy-jump", "jump:port"], "Jump host"),
        (["x", "--proxy-jump", "-oProxyCommand=id"], "malformed"),
        (["x", "--key-file", "/no/such/key"], "key file"),
        (["x", "--tag", "prod"], "key=value"),
        (["x", "--tag", "a=1", "--tag", "a=2"], "twice"),
        (["x", "--transport", "scripted"], "transcript"),
        (["x", "--transcript", "/no/such/file"], "transcript"),
        (["x", "--transport", "local", "--address", "192.0.2.7"], "--address"),
        (["x", "--transport", "telnet"], "--transport"),
        (["all"], "not 'all'"),
        (["../x"], "not usable"),
        (["x\x1b[31m"], "not usable"),
        (["x", "--adress", "192.0.2.7"], "--address"),
        ([], "NAME"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_bad_definitions_get_one_clear_line(patchdeck: Patchdeck, home: Path, arguments: list[str], says: str) -> None:
    """Exit code 2, one line that names the mistake, and nothing enrolled."""
    ended = patchdeck("machines", "add", *arguments, code=2)

    assert ended.err.count("\n") == 1
    assert ended.err.startswith("patchdeck: ")
    assert says in ended.err
    assert "\x1b" not in ended.err


@pytest.mark.parametrize("verb", ["show", "edit", "accept-key", "password"])
def test_an_unknown_machine_is_answered_with_the_nearest(patchdeck: Patchdeck, verb: str) -> None:
    """The error offers the name that was probably meant."""
    patchdeck("machines", "add", "web-01")

    ended = patchdeck("machines", verb, "wbe-01", code=2)

    assert "Did you mean 'web-01'?" in ended.err


def test_a_keyring_that_is_not_there_is_named(patchdeck_process: Patchdeck, environment: dict[str, str]) -> None:
    """Without a keyring the password is not stored anywhere, and the error says what to do instead."""
    environment["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    patchdeck_process("machines", "add", "web-01")

    ended = patchdeck_process("machines", "password", "web-01", given="hunter2\n", code=1)

    assert "keyring" in ended.err
    assert "patchdeck secrets init" in ended.err
    assert "hunter2" not in ended.err


def test_test_of_a_machine_begins_with_what_is_enrolled(patchdeck: Patchdeck) -> None:
    """What is not given is as it is; what cannot be is refused before anything is tried."""
    patchdeck("machines", "add", "here", "--transport", "local")
    (row,) = json.loads(patchdeck("machines", "test", "HERE", "--json").out)
    assert (row["name"], row["result"], row["problem"]) == ("here", "logged in", "")
    assert "means nothing for the transport" in patchdeck("machines", "test", "here", "--user", "x", code=2).err
    assert "There is no key file" in patchdeck("machines", "test", "web", "--key-file", "/none", code=2).err
