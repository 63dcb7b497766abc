"""Credential profiles in the app: defined, referred to, their secrets typed without echo."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from pyrage import x25519
from textual.app import App
from textual.pilot import Pilot

from collectors.secrets import Secret
from fleet.groups.group import Group
from fleet.profiles import SecretKind, SecretOrigin, SecretPlace
from fleet.winrm import WinrmKind
from ops.credentials.book import add_profile, find_profile, list_profiles, new_profile
from ops.credentials.rotating import Change, put_in_place
from ops.credentials.session import session_of
from ops.enrolment import edit_machine, list_machines
from ops.groups import define_group
from ops.home import Home
from tui.app import PatchdeckApp
from tui.screens.profile_form import ProfileForm
from tui.screens.profiles import ProfilesScreen
from tui.screens.secret_form import SecretForm
from tui.screens.secret_kind_form import SecretKindForm

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
Names = Callable[[PatchdeckApp], list[str]]


@pytest.fixture
def profiled_home(fleet_home: Home) -> Home:
    """A profile that a group names, one that nothing names."""
    named = replace(new_profile("admins"), user="patch", password=SecretOrigin(SecretPlace.PROMPT))
    add_profile(fleet_home, named)
    add_profile(fleet_home, replace(new_profile("spare"), user="spare"))
    define_group(fleet_home, Group("webs", ("web-*",), profile="admins"))
    for machine in list_machines(fleet_home):  # nothing listens there
        edit_machine(fleet_home, machine.name, lambda old: replace(old, address="127.0.0.1", port=1))
    return fleet_home


async def opened_screen(app: PatchdeckApp, pilot: Pilot[int], until: Callable[..., Awaitable[None]]) -> None:
    await until(lambda: app.fleet.statuses)
    await pilot.press("9")
    await until(lambda: isinstance(app.screen, ProfilesScreen) and app.screen.known is not None)


async def test_profile_is_defined_in_a_form(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, row_names: Names
) -> None:
    """Where a secret is found stands in the form; parts that do not fit are told there."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened_screen(app, pilot, until(pilot))
        assert "No profile is defined yet." in text_of(app)
        await pilot.press("n")
        await until(pilot)(lambda: isinstance(app.screen, ProfileForm))
        await pilot.press(*"admins", "tab", *"patch", *["tab"] * 5, *"keyring", "enter")
        await until(pilot)(lambda: "a passphrase and no key file" in text_of(app))
        await pilot.press(*["backspace"] * 7, "shift+tab", *"command pass show web", *["tab"] * 4, *"kerb", "enter")
        await until(pilot)(lambda: "'kerberos'" in text_of(app))
        await pilot.press(*"eros", "enter")
        await until(pilot)(lambda: row_names(app) == ["admins"])
    kept = find_profile(fleet_home, "admins")
    assert (kept.user, kept.winrm) == ("patch", WinrmKind.KERBEROS)
    assert kept.password == SecretOrigin(SecretPlace.COMMAND, ("pass", "show", "web"))


async def test_profile_that_is_named_is_not_removed(
    profiled_home: Home, deck: Deck, until: UntilOf, row_names: Names
) -> None:
    """What names it is told; one that nothing names goes by its name, and its kept secrets with it."""
    vault = session_of(profiled_home).vault
    vault.make([str(x25519.Identity.generate().to_public())])
    spare = find_profile(profiled_home, "spare")
    put_in_place(
        profiled_home,
        Change(replace(spare, password=SecretOrigin(SecretPlace.FILE)), SecretKind.PASSWORD, Secret("x")),
        "profile.set-secret",
    )
    app = deck(profiled_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened_screen(app, pilot, until(pilot))
        await until(pilot)(lambda: row_names(app) == ["admins", "spare"])
        await pilot.press("D")
        await until(pilot)(lambda: app.said and "in use by group webs" in app.said[-1].text)
        await pilot.press("down", "D", *"spare", "enter")
        await until(pilot)(lambda: [each.name for each in list_profiles(profiled_home)] == ["admins"])
        await until(pilot)(lambda: not vault.entries())


async def test_secret_is_typed_twice_without_echo(
    profiled_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The secret goes to where it is kept and never to the screen; a slip is noticed."""
    kept: list[tuple[SecretKind, Secret | None]] = []

    def put(home: Home, change: Change, action: str) -> None:
        kept.append((change.proves, change.secret))

    # The keyring of whoever runs the tests is not ours to write.
    monkeypatch.setattr("ops.credentials.rotating.put_in_place", put)
    keyring = SecretOrigin(SecretPlace.KEYRING)
    both = replace(new_profile("both"), password=keyring, key_file=__file__, passphrase=keyring)
    add_profile(profiled_home, both)
    app = deck(profiled_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened_screen(app, pilot, until(pilot))
        await pilot.press("down", "S")
        await until(pilot)(lambda: isinstance(app.screen, SecretKindForm))
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, SecretForm))
        await pilot.press(*"hunter2", "tab", *"hunter3", "enter")
        await until(pilot)(lambda: "not the same" in text_of(app))
        assert "hunter" not in text_of(app)
        await pilot.press("backspace", "2", "enter")
        await until(pilot)(lambda: kept)
        assert not any("hunter" in said.text for said in app.said)
    assert [(kind, secret.reveal()) for kind, secret in kept if secret] == [(SecretKind.PASSWORD, "hunter2")]


async def test_what_has_to_be_typed_is_asked_before_machines_are_reached(
    profiled_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """A profile whose password comes from a prompt asks once; escape goes on without it."""
    app = deck(profiled_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened_screen(app, pilot, until(pilot))
        await pilot.press("T")
        await until(pilot)(lambda: isinstance(app.screen, SecretForm) and "profile admins" in text_of(app))
        await pilot.press(*"typed", "enter")
        await until(pilot)(lambda: "Logging in by admins 5" in text_of(app))
        await pilot.press("escape", "T")
        await until(pilot)(lambda: "Logging in by admins 5" in text_of(app))
