"""`patchdeck machines accept-key`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from fleet.errors import BadInput
from fleet.name_lists import some_of
from ops.cli.confirmation import confirm
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from ops.host_keys import FetchedKey

_OPTION = "--fingerprint SHA256:…"


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("accept-key")(accept)


def accept(
    context: typer.Context,
    targets: Annotated[
        list[str],
        typer.Argument(metavar="TARGET...", help="Names, globs, tags, groups, or all.", show_default=False),
    ],
    fingerprint: Annotated[
        list[str] | None,
        typer.Option(
            "--fingerprint",
            metavar="SHA256:…",
            help="Accept keys that have this fingerprint, and refuse others; may be given several times.",
        ),
    ] = None,
    yes: Annotated[
        bool,
        typer.Option("--yes", help="Accept new keys without comparing them; a changed one of one named machine alone."),
    ] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Show machines' host keys and trust them.

    They are trusted from now on if you say so, each in the place of any other key of that machine. A key that is known
    already needs nothing. One that changed is shown with the old fingerprint and asked about by itself; one that is
    revoked is never accepted. Ends with 3 where some of several machines are left without.

    Compare the fingerprint with the machine's own, for example by
    `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on its console.

    Example: `patchdeck machines accept-key tag:env=prod`
    """
    import asyncio

    from fleet.targets import select_machines
    from ops.enrolment import list_machines
    from ops.groups import group_members
    from ops.host_keys import accept_keys, fetch_keys
    from ops.scope import leave_out

    home = session_of(context).home()
    machines = select_machines(targets, list_machines(home), group_members(home))
    if not machines:
        raise BadInput("No machines are enrolled: there is no key to accept.")
    machines, notes = leave_out(home, machines, targets)
    for note in notes:
        say(note)
    fetched = asyncio.run(fetch_keys(home, machines))
    for each in fetched:
        say(describe_fetched(each))
    refuse_alone(fetched, fingerprint or [])
    chosen = _choose(fetched, fingerprint or [], yes=yes)
    accept_keys(home, [(each.machine, each.key) for each in chosen if each.key is not None])
    if chosen:
        say(f"Accepted {len(chosen)} of {len(fetched)}, in {home.known_hosts}.")
    if json:
        _print_json(fetched, chosen)
    is_whole = all(each in chosen or _is_known(each) for each in fetched)
    if len(fetched) == 1 and not is_whole:
        raise BadInput("The key was not accepted.")
    return ExitCode.OK if is_whole else ExitCode.MACHINES_FAILED


def describe_fetched(fetched: "FetchedKey") -> str:
    """What a machine shows, what is known of it, and who else has that key; or why it shows nothing."""
    if fetched.key is None or fetched.standing is None:
        return fetched.problem
    key, standing = fetched.key, fetched.standing
    shown = f"{fetched.machine.name} ({key.host}, port {key.port}) shows {key.algorithm} {key.fingerprint}"
    words = {
        "new": "",
        "known": ": it is known already",
        "changed": f": IT HAS CHANGED, known is {' or '.join(standing.known)}",
        "revoked": ": it is REVOKED",
    }
    shared = f"; it is also that of {some_of(fetched.sharers)}: one machine, or a clone" if fetched.sharers else ""
    return f"{shown}{words[standing.standing.value]}{shared}"


def refuse_alone(fetched: "Sequence[FetchedKey]", fingerprints: Sequence[str]) -> None:
    """Ends the verb where one machine is asked for and cannot be given its key."""
    from collectors.key_standing import Standing
    from ops.host_keys import HostKeyNotFetched

    if len(fetched) != 1:
        return
    (only,) = fetched
    if only.key is None or only.standing is None:
        raise (HostKeyNotFetched if only.machine.transport.value == "ssh" else BadInput)(only.problem)
    if fingerprints and only.key.fingerprint not in fingerprints:
        raise BadInput(f"That is not {fingerprints[0]}: the key was not accepted.")
    if only.standing.standing is Standing.REVOKED:
        raise BadInput("The key is revoked: it was not accepted. See patchdeck machines authorities.")


def _choose(fetched: "Sequence[FetchedKey]", fingerprints: Sequence[str], *, yes: bool) -> "list[FetchedKey]":
    """The keys that somebody says are right."""
    from collectors.key_standing import Standing

    new = [each for each in fetched if each.standing is not None and each.standing.standing is Standing.NEW]
    changed = [each for each in fetched if each.standing is not None and each.standing.standing is Standing.CHANGED]
    if fingerprints:
        return [each for each in (*new, *changed) if each.key is not None and each.key.fingerprint in fingerprints]
    if yes:
        # Of many, nobody has looked at the one that is an alarm.
        return [*new, *(changed if len(fetched) == 1 else ())]
    question = "Trust this key?" if len(new) == 1 else f"Trust these {len(new)} new keys?"
    chosen = new if new and confirm(question, _OPTION) else []
    replaced = [each for each in changed if confirm(f"Replace the key of {each.machine.name}?", _OPTION)]
    return [*chosen, *replaced]


def _is_known(fetched: "FetchedKey") -> bool:
    return fetched.standing is not None and fetched.standing.standing.value == "known"


def _print_json(fetched: "Sequence[FetchedKey]", chosen: "Sequence[FetchedKey]") -> None:
    from ops.cli.listing import Column, Listing, show_listing

    names = (
        "name",
        "host",
        "port",
        "algorithm",
        "fingerprint",
        "standing",
        "known",
        "is_trusted",
        "problem",
        "sharers",
    )
    rows = [
        (
            each.machine.name,
            *((each.key.host, each.key.port, each.key.algorithm, each.key.fingerprint) if each.key else (None,) * 4),
            each.standing.standing.value if each.standing else None,
            list(each.standing.known) if each.standing else [],
            each in chosen or _is_known(each),
            each.problem,
            list(each.sharers),
        )
        for each in fetched
    ]
    show_listing(Listing(tuple(map(Column, names)), rows), as_json_text=True)
