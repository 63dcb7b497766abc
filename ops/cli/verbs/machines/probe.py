"""`patchdeck machines probe`."""

from typing import TYPE_CHECKING, Annotated

import typer

from fleet.errors import BadInput
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fleet.importing.ranges import ProbeTarget
    from ops.cli.listing import Listing
    from ops.importing.found import Found
    from ops.importing.probing import Probe


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("probe")(probe)


def probe(
    context: typer.Context,
    ranges: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RANGE]...", help="10.0.0.0/24, 10.0.0.5-20, an address or a host name.", show_default=False
        ),
    ] = None,
    ports: Annotated[str, typer.Option("--ports", metavar="PORTS", help="Ports, with commas.")] = "22,5985,5986",
    zone_file: Annotated[
        list[str] | None, typer.Option("--zone-file", metavar="FILE", help="The hosts of this DNS zone file.")
    ] = None,
    zone: Annotated[
        str | None, typer.Option("--zone", metavar="NAME", help="What names in the zone file are relative to.")
    ] = None,
    transfer: Annotated[
        list[str] | None,
        typer.Option("--transfer", metavar="ZONE@SERVER", help="The hosts of a zone, asked of its name server (AXFR)."),
    ] = None,
    rate: Annotated[float, typer.Option("--rate", min=0.1, max=1000, help="Connections opened in a second.")] = 50.0,
    timeout: Annotated[
        float, typer.Option("--timeout", min=0.1, max=60, metavar="SECONDS", help="How long a port may take.")
    ] = 3.0,
    deadline: Annotated[
        float, typer.Option("--deadline", min=1, max=86_400, metavar="SECONDS", help="How long all of it may take.")
    ] = 600.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be probed; connect to nothing.")] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Look for machines at addresses that you name, by the banners of SSH and WinRM.

    What answers becomes a candidate: see patchdeck machines candidates and approve. Nobody logs in. Addresses of
    machines that are enrolled or retired are not connected to. The exit code is 3 where the time did not suffice.

    Example: patchdeck machines probe 10.0.0.0/24 --ports 22
    """
    from fleet.importing.ranges import parse_ports, parse_targets
    from ops.importing.probing import Probe, ProbeRequest
    from ops.importing.zone_transfer import targets_of_file, targets_of_transfer

    home = session_of(context).home()
    chosen = parse_ports(ports)
    targets = parse_targets(ranges or [])
    for path in zone_file or []:
        targets += targets_of_file(path, zone or "")
    for text in transfer or []:
        targets += targets_of_transfer(text)
    if not targets:
        raise BadInput("Name what to probe: an address, a range such as 10.0.0.0/24, --zone-file or --transfer.")
    request = ProbeRequest(_once(targets), chosen, rate, timeout, deadline)
    if dry_run:
        return _show_targets(request.targets, json=json)
    return _run(Probe(home, request), json=json)


def _once(targets: "list[ProbeTarget]") -> "tuple[ProbeTarget, ...]":
    from fleet.importing.ranges import check_count

    by_address = {target.address.casefold(): target for target in reversed(targets)}
    check_count(len(by_address))
    return tuple(reversed(by_address.values()))


def _run(probe: "Probe", *, json: bool) -> ExitCode:
    import asyncio

    from ops.cli.listing import show_listing
    from ops.importing.found import keep_found
    from ops.state.audit import utc_now

    code = ExitCode.OK
    try:
        asyncio.run(probe.run())
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    found = keep_found(probe.home, probe.answering, utc_now())
    show_listing(_listing(found), as_json_text=json)
    say(_describe(probe, found))
    if any(each.state.value == "new" for each in found):
        say("patchdeck machines approve NAME enrols one.")
    return ExitCode.MACHINES_FAILED if probe.is_out_of_time and code is ExitCode.OK else code


def _listing(found: "list[Found]") -> "Listing":
    from ops.cli.listing import Column, Listing
    from ops.importing.probing import main_banner

    columns = (
        *(Column("state", "State"), Column("name", "Name"), Column("address", "Address")),
        *(Column("port", "Port", is_number=True), Column("kind", "Speaks"), Column("system", "Says")),
        *(Column("os_type", "System", is_extra=True), Column("named_by"), Column("banners"), Column("id")),
    )
    rows = []
    for each in found:
        banner, target = main_banner(each.answering), each.answering.target
        name, identity = (each.candidate.name, each.candidate.id) if each.candidate else (target.name, None)
        said = (banner.port, banner.kind, banner.text, banner.os_type)
        rows.append((each.state, name, target.address, *said, target.named, each.answering.banners, identity))
    return Listing(columns, rows)


def _show_targets(targets: "Sequence[ProbeTarget]", *, json: bool) -> ExitCode:
    from ops.cli.listing import Column, Listing, show_listing

    columns = (Column("address", "Address"), Column("name", "Name"), Column("named_by", "Named by"))
    rows = [(target.address, target.name, target.named) for target in targets]
    show_listing(Listing(columns, rows), as_json_text=json)
    say(f"{len(targets):,} would be probed, and nothing was connected to.")
    return ExitCode.OK


def _describe(probe: "Probe", found: "list[Found]") -> str:
    from collections import Counter

    from fleet.name_lists import some_of
    from ops.cli.values import count_of

    counts = Counter(each.state.value for each in found)
    said = ", ".join(f"{count} {state}" for state, count in counts.items())
    parts = [f"{probe.asked:,} of {len(probe.request.targets):,} addresses asked, {len(found)} answered"]
    parts += [said] if said else []
    parts += [f"{len(probe.enrolled)} of machines that are known: not asked"] if probe.enrolled else []
    nowhere = count_of(len(probe.unresolved), "name")
    parts += [f"{nowhere} led nowhere: {some_of(probe.unresolved)}"] if probe.unresolved else []
    parts += [f"for {probe.unasked:,} there was no time"] if probe.is_out_of_time else []
    return "; ".join(parts) + "."
