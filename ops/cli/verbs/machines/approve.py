"""`patchdeck machines approve`."""

from typing import TYPE_CHECKING, Annotated

import typer

from fleet.machines import TransportKind
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.cli.verbs.machines import options
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from fleet.candidates import Candidate
    from fleet.machines import Machine
    from fleet.winrm import WinrmScheme
    from ops.candidates import Decision
    from ops.home import Home

_Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME]...", help="Candidates, by name or id.", show_default=False),
]


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("approve")(approve)


def approve(
    context: typer.Context,
    names: _Names = None,
    all_: Annotated[bool, typer.Option("--all", help="All that wait and against which nothing speaks.")] = False,
    by: Annotated[
        str | None, typer.Option("--from", metavar="TOKEN|RANGE|SOURCE", help="With --all: only those found by it.")
    ] = None,
    fingerprint: Annotated[
        list[str] | None,
        typer.Option("--fingerprint", metavar="SHA256:…", help="Trust this key that it showed; several times."),
    ] = None,
    replace_key: Annotated[
        bool, typer.Option("--replace-key", help="Even if another key is trusted at its address now.")
    ] = False,
    name: Annotated[str | None, typer.Option("--name", help="Enrol it under this name (one machine).")] = None,
    address: options.Address = None,
    port: options.Port = None,
    user: options.User = None,
    transport: Annotated[
        TransportKind | None,
        typer.Option("--transport", help="ssh or winrm. Default: what it was found by, SSH first.", show_default=False),
    ] = None,
    http: options.Http = None,
    profile: Annotated[str | None, typer.Option("--profile", help="The credential profile that it gets.")] = None,
    tag: options.Tags = None,
    json: JsonOption = False,
) -> ExitCode:
    """Enrol machines that were found or that introduced themselves.

    Host keys that a machine introduced with a token are trusted from now on: compare their fingerprints, which
    `patchdeck machines candidates` shows, with those on the machine. Keys that were only seen on the network are
    trusted if you name them with --fingerprint. Approved earlier is approved.

    Exit code 3 says that some of several could not be enrolled.

    Example: `patchdeck machines approve web-01 web-02 --tag env=prod`
    """
    from dataclasses import replace

    from fleet.errors import BadInput
    from ops.candidates import Approval, approve_candidates
    from ops.enrolment import parse_tags

    if bool(names) == all_ or (by is not None and not all_):
        raise BadInput("Name the machines to approve, or give --all, with --from if you like.")
    home = session_of(context).home()
    chosen = [Approval(candidate.id, seen=candidate) for candidate in _all_waiting(home, by)] if all_ else []
    chosen += [Approval(each) for each in dict.fromkeys(names or ())]
    if len(chosen) != 1 and (name or address or fingerprint):
        raise BadInput("--name, --address and --fingerprint are for one machine.")
    wanted = Approval(
        "",
        *(name, address, port, user, profile, transport, _scheme(http)),
        *(parse_tags(tag or []), tuple(fingerprint or ()), None, replace_key),
    )
    approvals = [replace(wanted, candidate=each.candidate, seen=each.seen) for each in chosen]
    if not approvals:
        say("Nobody waits against whom nothing speaks: nothing to approve.")
    decisions = approve_candidates(home, approvals) if approvals else []
    _say(decisions)
    return tell(decisions, "enrolled", json=json)


def tell(decisions: "list[Decision]", done: str, *, json: bool) -> ExitCode:
    """Prints what came of ``decisions``; the exit code says whether all were ``done``, or none.

    Raises:
        BadInput: the only one could not be done.
    """
    from fleet.errors import BadInput
    from ops.cli.candidate_listing import list_decisions
    from ops.cli.listing import show_listing

    failed = [decision for decision in decisions if decision.problem]
    if len(failed) == len(decisions) == 1:
        raise BadInput(failed[0].problem)
    show_listing(list_decisions(decisions, done), as_json_text=json)
    if not failed:
        return ExitCode.OK
    say(f"{len(decisions) - len(failed)} of {len(decisions)} {done}.")
    return ExitCode.MACHINES_FAILED if len(failed) < len(decisions) else ExitCode.USAGE


def _all_waiting(home: "Home", by: str | None) -> "list[Candidate]":
    """The candidates that wait and against which nothing speaks; how many are left out is said."""
    from ops.candidates import list_candidates, waiting
    from ops.cli.values import count_of

    undecided = [each for each in waiting(list_candidates(home)) if by in (None, each.found_by)]
    clear = waiting(undecided, without_doubts=True)
    if len(clear) < len(undecided):
        left = count_of(len(undecided) - len(clear), "machine")
        say(f"{left} left out, of which something is to be looked at: patchdeck machines candidates")
    return clear


def _say(decisions: "list[Decision]") -> None:
    for decision in decisions:
        machine = decision.machine
        for note in decision.notes:
            say(note)
        if machine is not None and decision.is_new and not decision.trusted:
            say(_untrusted(machine))


def _untrusted(machine: "Machine") -> str:
    from fleet.reaching import mark_of, way_of

    way = way_of(machine)
    if way is None:
        return f"{machine.name}: no host key is trusted yet: patchdeck machines accept-key {machine.name}"
    if mark := mark_of(way):
        return f"{machine.name}: it is reached by WinRM over HTTP{mark}"
    accept = f"patchdeck machines accept-certificate {machine.name}"
    return f"{machine.name}: if no authority vouches for its certificate: {accept}"


def _scheme(http: bool | None) -> "WinrmScheme | None":
    from fleet.winrm import WinrmScheme

    return None if http is None else WinrmScheme.HTTP if http else WinrmScheme.HTTPS
