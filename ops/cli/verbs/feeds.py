"""`patchdeck feeds`: files of others that say how bad a CVE is, whether it is exploited, and what mends it."""

from typing import Annotated

import typer

from ops.cli.groups import new_group
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode

_FOLLOWS = "Queries of CVEs know it at once; what machines lack follows at their next assessment."
_NO_FEED = "There is no feed: patchdeck feeds add adds one."


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verbs."""
    group = new_group("What others say of CVEs: how bad, exploited, mended by which version.")
    for name, verb in (("add", add), ("list", list_), ("update", update), ("remove", remove)):
        group.command(name)(verb)
    app.add_typer(group, name="feeds")


def add(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="A URL (http, https), a file or a folder.")],
    name: Annotated[str | None, typer.Option("--name", help="What to call it. Default: its kind.")] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--kind",
            metavar="KIND",
            help="kev, csaf, alpine-secdb, oval, osv, ubuntu-tracker or debian-tracker. Default: by its content.",
        ),
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """Add a feed and read it.

    Debian's, Ubuntu's and Alpine's trackers, OSV, CSAF, OVAL, CISA's known exploited vulnerabilities.

    A feed that cannot be read is not added.
    """
    from ops.cli.feed_listing import describe_reading, list_feeds
    from ops.cli.listing import show_listing
    from ops.feeds.updating import add_feed
    from ops.state.audit import utc_now

    reading = add_feed(session_of(context).home(), source, name or "", kind or "")
    say(f"{describe_reading(reading)} {_FOLLOWS}")
    if json:
        show_listing(list_feeds([reading.feed], utc_now()), as_json_text=True)
    return ExitCode.OK


def list_(context: typer.Context, json: JsonOption = False) -> ExitCode:
    """List the feeds.

    How much each says, how old that is, and why the last update failed, if it did.
    """
    from ops.cli.feed_listing import list_feeds
    from ops.cli.listing import show_listing
    from ops.feeds.updating import list_feeds as known_feeds
    from ops.state.audit import utc_now

    feeds = known_feeds(session_of(context).home())
    show_listing(list_feeds(feeds, utc_now()), as_json_text=json)
    if not feeds:
        say(_NO_FEED)
    return ExitCode.OK


def update(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Feeds. Default: all.", show_default=False)
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """Read feeds anew.

    A URL is fetched only if it changed. A feed that cannot be read keeps what it said before; then the exit code is 1.
    """
    from ops.cli.feed_listing import describe_reading, list_feeds
    from ops.cli.listing import show_listing
    from ops.feeds.updating import update_feeds
    from ops.state.audit import utc_now

    readings = []
    for reading in update_feeds(session_of(context).home(), names or []):
        say(describe_reading(reading))
        readings.append(reading)
    if any(reading.is_changed for reading in readings):
        say(_FOLLOWS)
    if json:
        show_listing(list_feeds([reading.feed for reading in readings], utc_now()), as_json_text=True)
    elif not readings:
        say(_NO_FEED)
    return ExitCode.FAILED if any(reading.is_failed for reading in readings) else ExitCode.OK


def remove(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The feed.")],
    json: JsonOption = False,
) -> ExitCode:
    """Remove a feed and what it says.

    What machines lack by its word goes at their next assessment.
    """
    from ops.cli.feed_listing import list_feeds
    from ops.cli.listing import show_listing
    from ops.feeds.updating import remove_feed
    from ops.state.audit import utc_now

    feed = remove_feed(session_of(context).home(), name)
    say(f"Removed {feed.name}. {_FOLLOWS}")
    if json:
        show_listing(list_feeds([feed], utc_now()), as_json_text=True)
    return ExitCode.OK
