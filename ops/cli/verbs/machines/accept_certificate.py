"""`patchdeck machines accept-certificate`."""

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
    from fleet.machines import Machine
    from ops.certificates import FetchedCertificate
    from ops.home import Home

_OPTION = "--fingerprint SHA256:…"


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("accept-certificate")(accept)


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
            help="Accept certificates that have this fingerprint, and refuse others; may be given several times.",
        ),
    ] = None,
    yes: Annotated[
        bool,
        typer.Option("--yes", help="Accept new ones without comparing them; a changed one of one named machine alone."),
    ] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Trust what was accepted no more: from then on, authorities decide.")
    ] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Show the certificates of machines that are reached by WinRM over HTTPS, and trust them.

    One that authorities vouch for needs nothing. An accepted one is trusted at its address and port, and no other is
    there, also after it has expired. One that changed is shown beside the one that is trusted, and asked about by
    itself. Ends with 3 where some of several machines are left without.

    Compare the fingerprint on the machine itself: there, the thumbprint of
    `Get-ChildItem WSMan:\\localhost\\Listener` is what is shown as SHA-1.

    Example: `patchdeck machines accept-certificate win-01`
    """
    from fleet.targets import select_machines
    from ops.enrolment import list_machines
    from ops.groups import group_members
    from ops.scope import leave_out

    home = session_of(context).home()
    machines = select_machines(targets, list_machines(home), group_members(home))
    if not machines:
        raise BadInput("No machines are enrolled: there is no certificate to accept.")
    if forget:
        return _forget(home, machines, json)
    machines, notes = leave_out(home, machines, targets)
    for note in notes:
        say(note)
    return _accept(home, machines, fingerprint or (), yes=yes, json=json)


def describe_certificate(fetched: "FetchedCertificate") -> list[str]:
    """What a machine shows, what is known of it, and who else has it; or why it shows nothing. Clean lines."""
    shown, standing = fetched.certificate, fetched.standing
    if shown is None or standing is None:
        return [fetched.problem]
    words = {
        "new": f"authorities do not vouch for it: {shown.problem}",
        "known": "it is accepted already",
        "changed": f"IT HAS CHANGED, accepted is {fetched.known}",
        "vouched": "authorities vouch for it: nothing needs to be accepted",
    }
    lines = [
        f"{fetched.machine.name} ({shown.place}) shows the certificate {shown.fingerprint}",
        f"  SHA-1       {shown.thumbprint}",
        f"  subject     {shown.subject}; for {', '.join(shown.names) or 'no name'}",
        f"  issuer      {'itself' if shown.issuer == shown.subject else shown.issuer}",
        f"  valid       {shown.valid_from:%Y-%m-%d} to {shown.valid_until:%Y-%m-%d}",
        f"  standing    {words[standing.value]}",
    ]
    if fetched.sharers:
        lines.append(f"  also of     {some_of(fetched.sharers)}: one machine, or a clone")
    return lines


def _accept(
    home: "Home", machines: "Sequence[Machine]", fingerprints: Sequence[str], *, yes: bool, json: bool
) -> ExitCode:
    import asyncio

    from ops.certificates import accept_certificates, fetch_certificates, read_fingerprint

    wanted = [read_fingerprint(text) for text in fingerprints]
    fetched = asyncio.run(fetch_certificates(home, machines))
    for each in fetched:
        for line in describe_certificate(each):
            say(line)
    _refuse_alone(fetched, wanted)
    chosen = _choose(fetched, wanted, yes=yes)
    accept_certificates(home, [(each.machine, each.certificate) for each in chosen if each.certificate is not None])
    if chosen:
        say(f"Accepted {len(chosen)} of {len(fetched)}, in {home.known_certificates}.")
    if json:
        _print_json(fetched, chosen)
    is_whole = all(each in chosen or each.is_trusted for each in fetched)
    if len(fetched) == 1 and not is_whole:
        raise BadInput("The certificate was not accepted.")
    return ExitCode.OK if is_whole else ExitCode.MACHINES_FAILED


def _forget(home: "Home", machines: "Sequence[Machine]", json: bool) -> ExitCode:
    from ops.certificates import forget_machines_certificates
    from ops.cli.listing import Column, Listing, show_listing

    forgotten = {machine.id for machine in forget_machines_certificates(home, machines)}
    say(f"{len(forgotten)} of {len(machines)} had an accepted certificate, and have none now.")
    if json:
        columns = (Column("name"), Column("is_forgotten"))
        rows = [(machine.name, machine.id in forgotten) for machine in machines]
        show_listing(Listing(columns, rows), as_json_text=True)
    return ExitCode.OK


def _refuse_alone(fetched: "Sequence[FetchedCertificate]", fingerprints: Sequence[str]) -> None:
    """Ends the verb where one machine is asked for and cannot be given its certificate."""
    from fleet.machines import TransportKind
    from ops.certificates import CertificateNotFetched

    if len(fetched) != 1:
        return
    (only,) = fetched
    if only.certificate is None:
        is_asked = only.machine.transport is TransportKind.WINRM and not only.problem.endswith("--https")
        raise (CertificateNotFetched if is_asked else BadInput)(only.problem)
    if fingerprints and only.certificate.fingerprint not in fingerprints:
        raise BadInput(f"That is not {fingerprints[0]}: the certificate was not accepted.")


def _choose(
    fetched: "Sequence[FetchedCertificate]", fingerprints: Sequence[str], *, yes: bool
) -> "list[FetchedCertificate]":
    """The certificates that somebody says are right."""
    from ops.certificates import CertificateStanding

    new = [each for each in fetched if each.standing is CertificateStanding.NEW]
    changed = [each for each in fetched if each.standing is CertificateStanding.CHANGED]
    if fingerprints:
        # Also one that authorities vouch for: from then on it and no other is trusted there.
        vouched = [each for each in fetched if each.standing is CertificateStanding.VOUCHED]
        return [
            each
            for each in (*new, *changed, *vouched)
            if each.certificate and each.certificate.fingerprint in fingerprints
        ]
    if yes:
        # Of many, nobody has looked at the one that is an alarm.
        return [*new, *(changed if len(fetched) == 1 else ())]
    question = "Trust this certificate?" if len(new) == 1 else f"Trust these {len(new)} new certificates?"
    chosen = new if new and confirm(question, _OPTION) else []
    replaced = [each for each in changed if confirm(f"Replace the certificate of {each.machine.name}?", _OPTION)]
    return [*chosen, *replaced]


def _print_json(fetched: "Sequence[FetchedCertificate]", chosen: "Sequence[FetchedCertificate]") -> None:
    from ops.cli.listing import Column, Listing, show_listing

    shown = ("host", "port", "fingerprint", "thumbprint", "subject", "issuer", "names", "valid_from", "valid_until")
    columns = ("name", *shown, "vouched_for", "standing", "known", "is_trusted", "problem", "sharers")
    rows = [
        (
            each.machine.name,
            *(getattr(each.certificate, name, None) for name in shown),
            None if each.certificate is None else not each.certificate.problem,
            each.standing.value if each.standing else None,
            each.known or None,
            each in chosen or each.is_trusted,
            each.problem or (each.certificate.problem if each.certificate else ""),
            list(each.sharers),
        )
        for each in fetched
    ]
    show_listing(Listing(tuple(map(Column, columns)), rows), as_json_text=True)
