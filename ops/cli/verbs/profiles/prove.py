"""`patchdeck profiles test` and `rotate`: credentials shown to work by logging in with them."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fleet.counts import share_of
from fleet.profiles import SecretKind
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.cli.verbs.profiles import options
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from fleet.machines import Machine
    from fleet.profiles import Profile
    from ops.credentials.rotating import Change
    from ops.home import Home


def add_to(group: typer.Typer) -> None:
    """Adds the verbs."""
    group.command("test")(try_profile)
    group.command("rotate")(rotate)


def try_profile(
    context: typer.Context,
    name: options.Name,
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TARGET]...", help="Only these of its machines. Default: all.", show_default=False),
    ] = None,
    sudo: Annotated[
        bool, typer.Option("--sudo", help="Prove the password for sudo, too; runs nothing as root.")
    ] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Log in to every machine that has the profile, as an assessment would, and run nothing but `true`.

    Ends with 3 where one of them did not take it.

    Example: `patchdeck profiles test web`
    """
    from fleet.errors import BadInput
    from ops.cli.listing import show_listing
    from ops.cli.profile_listing import list_proofs
    from ops.credentials.book import find_profile
    from ops.credentials.finding import HomeSecrets
    from ops.credentials.proving import Verdict, prove
    from ops.secrets import type_secrets

    home = session_of(context).home()
    profile = find_profile(home, name)
    machines = _machines(home, profile, targets or [])
    if not machines:
        raise BadInput(f"No enabled machine has the profile {profile.name!r}: there is nothing to test.")
    source = HomeSecrets(home)
    type_secrets(source, machines)
    proofs = _run(lambda stop: prove(home, machines, source, sudo=sudo, stop=stop))
    show_listing(list_proofs(proofs), as_json_text=json)
    proven = sum(proof.verdict is Verdict.PROVEN for proof in proofs)
    say(f"{share_of(proven, len(proofs))} took profile {profile.name}.")
    return ExitCode.OK if proven == len(proofs) else ExitCode.MACHINES_FAILED


def rotate(
    context: typer.Context,
    name: options.Name,
    kind: options.Kind = SecretKind.PASSWORD,
    key_file: Annotated[
        str | None, typer.Option("--key-file", metavar="FILE", help="The new key, with KIND passphrase.")
    ] = None,
    certificate_file: options.CertificateFile = None,
    command: Annotated[
        str | None,
        typer.Option("--command", metavar="COMMAND", help="A program that prints the new one, in place of the old."),
    ] = None,
    has_passphrase: Annotated[
        bool, typer.Option("--with-passphrase", help="The new key has a new passphrase: ask for it.")
    ] = False,
    without_unreached: Annotated[
        bool, typer.Option("--without-unreached", help="Do not wait for machines that cannot be reached now.")
    ] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Put a new secret or key in the place of the old one, once every machine of the profile has taken it.

    Change it on the machines first. The new one alone is then tried on each; if one refuses it, or is not reached, the
    old one stays, and the verb ends with 3. It never locks anybody out: nothing is changed on a machine.

    Examples: `patchdeck profiles rotate web password` and `patchdeck profiles rotate web passphrase --key-file
    ~/.ssh/deploy-2027`
    """
    from ops.cli.listing import show_listing
    from ops.cli.profile_listing import list_proofs
    from ops.credentials.book import find_profile
    from ops.credentials.proving import Verdict
    from ops.credentials.rotating import rotate as rotate_secret

    home = session_of(context).home()
    profile = find_profile(home, name)
    if kind is SecretKind.PASSPHRASE:
        change = _key_change(profile, key_file, certificate_file, command, has_passphrase=has_passphrase)
    else:
        change = _secret_change(home, profile, kind, command, key_file or certificate_file or has_passphrase)
    done = _run(lambda stop: rotate_secret(home, change, without_unreached=without_unreached, stop=stop))
    show_listing(list_proofs(done.proofs), as_json_text=json)
    say(
        f"{share_of(done.count(Verdict.PROVEN), len(done.proofs))} took it: "
        + (f"profile {profile.name} has the new one." if done.is_done else "nothing was changed, the old one stands.")
    )
    return ExitCode.OK if done.is_done else ExitCode.MACHINES_FAILED


def _secret_change(
    home: "Home", profile: "Profile", kind: SecretKind, command: str | None, key_options: object
) -> "Change":
    from fleet.errors import BadInput
    from fleet.profiles import SecretPlace, check_profile
    from ops.cli.verbs.profiles.secret import choose_origin
    from ops.credentials.rotating import Change, with_origin
    from ops.secrets import read_new_secret

    if key_options:
        raise BadInput("The options of a key belong to the KIND passphrase.")
    old = profile.origin(kind)
    if old is None:
        raise BadInput(f"Profile {profile.name!r} has no {kind.words}: give it one with profiles set-secret.")
    if command is None and not old.place.keeps:
        remedy = (
            "change it there, then run profiles test"
            if old.place is SecretPlace.COMMAND
            else "it is typed each time; run profiles test"
        )
        raise BadInput(f"The {kind.words} of profile {profile.name!r} is not kept by Patchdeck: {remedy}.")
    origin = choose_origin(home, None, command, old=old)
    changed = check_profile(with_origin(profile, kind, origin))
    secret = read_new_secret(f"New {kind.words} of profile {profile.name}: ") if origin.place.keeps else None
    return Change(changed, kind, secret)


def _key_change(
    profile: "Profile", key_file: str | None, certificate_file: str | None, command: str | None, *, has_passphrase: bool
) -> "Change":
    from fleet.errors import BadInput
    from fleet.profiles import SecretOrigin, SecretPlace, check_profile
    from ops.credentials.commands import parse_command
    from ops.credentials.rotating import Change
    from ops.secrets import read_new_secret

    if key_file is None and certificate_file is None:
        raise BadInput("Say which key is the new one: --key-file FILE, and --certificate-file FILE if it has one.")
    changed = replace(
        profile,
        key_file=options.whole_path(key_file) or profile.key_file,
        certificate_file=options.whole_path(certificate_file),
    )
    if command is not None:
        changed = replace(changed, passphrase=SecretOrigin(SecretPlace.COMMAND, parse_command(command)))
    check_profile(changed)
    if not has_passphrase:
        return Change(changed, SecretKind.PASSPHRASE)
    if changed.passphrase is None or not changed.passphrase.place.keeps:
        raise BadInput("Say first where its passphrase is kept: profiles set-secret NAME passphrase --in keyring.")
    secret = read_new_secret(f"Passphrase of the new key of profile {profile.name}: ")
    return Change(changed, SecretKind.PASSPHRASE, secret)


def _machines(home: "Home", profile: "Profile", targets: list[str]) -> "Sequence[Machine]":
    from fleet.targets import select_machines
    from ops.credentials.proving import machines_of
    from ops.groups import group_members

    machines = machines_of(home, profile)
    return select_machines(targets, machines, group_members(home)) if targets else machines


# Any: what the work gives, which is handed back as it is.
def _run(work: Callable[["asyncio.Event"], Coroutine[Any, Any, Any]]) -> Any:
    """What ``work`` gives; Ctrl-C stops it."""
    import asyncio

    from ops.cli.plan_run import stopped_by_signals

    async def go() -> Any:
        with stopped_by_signals("Stopping …") as stop:
            return await work(stop)

    return asyncio.run(go())
