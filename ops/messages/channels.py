"""Channels of a home: how they are defined, changed and removed with what is kept for them, and what names them."""

import sqlite3
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from collectors.secrets import Secret
from fleet.channels import Channel, ChannelKind, check_channel
from fleet.errors import BadInput, PatchdeckError
from fleet.name_lists import some_of
from fleet.profiles import SecretOrigin
from ops.acting_login import require_own_programs
from ops.credentials.keeping import forget_everywhere, forget_secret, keep_secret
from ops.deployments.history import OPEN_STATUSES
from ops.edit_conflicts import require_unchanged
from ops.home import Home
from ops.logs import log_event
from ops.messages.failure_alerts import resolve_alert
from ops.messages.routes import find_route, key_entry, secret_entry
from ops.messages.wording import check_templates
from ops.state.alerts import AlertBook
from ops.state.audit import utc_now
from ops.state.channels import ChannelBook
from ops.state.database import opened, transaction
from ops.state.deployments import DeploymentBook
from ops.state.report_schedules import ReportScheduleBook
from ops.state.runs import RunBook


@dataclass(frozen=True, slots=True)
class NewSecrets:
    """What was given to be kept for a channel: its URL or password, its key for signatures; None: what it has stays."""

    secret: Secret | None = None
    signing_key: Secret | None = None


def new_channel(name: str, kind: ChannelKind) -> Channel:
    """An empty channel called ``name``, not kept yet."""
    return Channel(str(uuid.uuid4()), name, kind)


def list_channels(home: Home) -> list[Channel]:
    """Every channel, by name."""
    with opened(home.state_file) as connection:
        return ChannelBook(connection).list()


def find_channel(home: Home, name: str) -> Channel:
    """The channel called ``name``, whatever the case.

    Raises:
        UnknownName: there is none.
    """
    with opened(home.state_file) as connection:
        return ChannelBook(connection).find(name)


def check_channels(home: Home, names: Iterable[str]) -> tuple[str, ...]:
    """``names`` as their channels are spelt, each once.

    Inside a transaction `ops.state.channels.ChannelBook.check` does the same.

    Raises:
        UnknownName: there is no channel of one of the names.
    """
    with opened(home.state_file) as connection:
        return ChannelBook(connection).check(names)


def add_channel(home: Home, channel: Channel, secrets: NewSecrets) -> bool:
    """Keeps a new channel with its secrets; False where one of that name is the same already.

    Raises:
        BadInput: it cannot be used, or there is another one of that name.
        NotPermitted: it starts a program, and this is a session over SSH.
        PatchdeckError: a secret cannot be kept.
    """
    check_templates(check_channel(channel))
    with opened(home.state_file) as connection:
        existing = ChannelBook(connection).get(channel.name)
    if existing is not None:
        if replace(channel, id=existing.id, name=existing.name) != existing or not _has(home, existing, secrets):
            raise BadInput(
                f"There is already another channel {existing.name!r}: use `patchdeck channels edit {existing.name}`."
            )
        return False
    _require_programs(None, channel)
    _keep(home, channel, secrets)
    try:
        with opened(home.state_file) as connection, transaction(connection):
            _check_fallback(connection, channel)
            return ChannelBook(connection).put(channel)
    except BaseException:
        forget_kept(home, channel)
        raise


def edit_channel(
    home: Home, name: str, change: Callable[[Channel], Channel], secrets: NewSecrets, *, seen: Channel | None = None
) -> tuple[Channel, Channel]:
    """Changes the channel called ``name``, and gives it as it was and as it is.

    A secret that it has elsewhere now, or has no more, is forgotten where it was kept. ``seen`` is how it was read,
    for who edited it for a while.

    Raises:
        UnknownName: there is none.
        BadInput: what it would become cannot be used.
        NotPermitted: it would start another program, and this is a session over SSH.
        PatchdeckError: a secret cannot be kept.
        EditConflict: it is not as it was ``seen`` any more.
    """
    with opened(home.state_file) as connection:  # before a secret takes another's place
        known = ChannelBook(connection).find(name)
        _require_unchanged(connection, known, change, seen)
    _require_programs(known, change(known))
    _keep(home, check_templates(check_channel(change(find_channel(home, name)))), secrets)
    # One transaction, so that of two edits at once neither undoes the other.
    with opened(home.state_file) as connection, transaction(connection):
        book = ChannelBook(connection)
        before = book.find(name)
        _require_unchanged(connection, before, change, seen)
        after = check_templates(change(before))
        _require_programs(before, after)
        _check_fallback(connection, after)
        has_new = secrets.secret is not None or secrets.signing_key is not None
        if not book.put(after) and has_new:
            book.note_new_secret(after)
    _forget_moved(home, before, after)
    return before, after


def switch_channel(home: Home, name: str, *, is_enabled: bool) -> tuple[Channel, bool]:
    """Switches the channel called ``name`` on or off; the channel, and whether that changed anything.

    Raises:
        UnknownName: there is none.
    """
    with opened(home.state_file) as connection, transaction(connection):
        book = ChannelBook(connection)
        after = replace(book.find(name), is_enabled=is_enabled)
        return after, book.put(after, "channel.enable" if is_enabled else "channel.disable")


def remove_channel(home: Home, name: str) -> Channel:
    """Removes the channel called ``name`` and what is kept for it.

    Raises:
        UnknownName: there is none.
        BadInput: a rule, a deployment, a run, a report or another channel names it; says which.
    """
    with opened(home.state_file) as connection, transaction(connection):
        book = ChannelBook(connection)
        channel = book.find(name)
        if users := _users(connection).get(channel.name.casefold()):
            raise BadInput(f"Channel {channel.name!r} is named by {some_of(users)}. Nothing was removed.")
        book.remove(name)
        resolve_alert(connection, channel, utc_now(), "the channel was removed")
    forget_kept(home, channel)
    return channel


def users_by_channel(home: Home) -> Mapping[str, Sequence[str]]:
    """What names each channel, by its casefolded name: ``alert rule disk-low``, ``deployment nightly``, …"""
    with opened(home.state_file) as connection:
        return _users(connection)


def forget_kept(home: Home, channel: Channel) -> None:
    """Removes whatever is kept for ``channel``; what cannot be removed is in the log."""
    for origin, entry in ((channel.secret, secret_entry(channel)), (channel.signing_key, key_entry(channel))):
        if origin is not None and origin.place.keeps:
            try:
                forget_everywhere(home, entry)
            except PatchdeckError as error:
                log_event("secret not forgotten", channel=channel.name, problem=str(error))


def _require_unchanged(
    connection: sqlite3.Connection, theirs: Channel, change: Callable[[Channel], Channel], seen: Channel | None
) -> None:
    mine = change(theirs if seen is None else seen)
    require_unchanged(connection, ("channel", theirs.name), seen, theirs, mine)


def _require_programs(before: Channel | None, after: Channel) -> None:
    require_own_programs("have a channel start another program", _programs(before), _programs(after))


def _programs(channel: Channel | None) -> set[tuple[str, ...]]:
    if channel is None:
        return set()
    origins = (origin for origin in (channel.secret, channel.signing_key) if origin is not None)
    return {channel.command, *(origin.command for origin in origins)} - {()}


def _keep(home: Home, channel: Channel, secrets: NewSecrets) -> None:
    pairs = (
        (channel.secret, secret_entry(channel), secrets.secret),
        (channel.signing_key, key_entry(channel), secrets.signing_key),
    )
    for origin, entry, secret in pairs:
        if origin is not None and origin.place.keeps and secret is not None:
            keep_secret(home, entry, secret, origin.place)


def _has(home: Home, channel: Channel, secrets: NewSecrets) -> bool:
    """Whether the secrets that ``channel`` has are these.

    Raises:
        PatchdeckError: they cannot be read.
    """
    if secrets.secret is None and secrets.signing_key is None:
        return True
    route = find_route(home, channel)
    known = ((secrets.secret, route.url or route.password), (secrets.signing_key, route.signing_key))
    return all(given is None or given.reveal() == kept for given, kept in known)


def _forget_moved(home: Home, before: Channel, after: Channel) -> None:
    origins = (
        (before.secret, after.secret, secret_entry(before)),
        (before.signing_key, after.signing_key, key_entry(before)),
    )
    for was, is_now, entry in origins:
        if was is None or not was.place.keeps or _place(was) == _place(is_now):
            continue
        try:
            forget_secret(home, entry, was.place)
        except PatchdeckError as error:
            log_event("secret not forgotten", channel=before.name, problem=str(error))


def _place(origin: SecretOrigin | None) -> object:
    return None if origin is None else origin.place


def _check_fallback(connection: sqlite3.Connection, channel: Channel) -> None:
    if channel.fallback is not None:
        ChannelBook(connection).check([channel.fallback])


def _users(connection: sqlite3.Connection) -> Mapping[str, Sequence[str]]:
    named = [(rule.channels, f"alert rule {rule.name}") for rule in AlertBook(connection).list()]
    deployments = [stored.deployment for stored in DeploymentBook(connection).list()]
    named += [(each.channels, f"deployment {each.name}") for each in deployments]
    runs = RunBook(connection).list(statuses=OPEN_STATUSES)
    named += [(run.deployment.channels, f"the run {run.id}, which is not over") for run in runs]
    named += [(each.schedule.channels, f"report {each.name}") for each in ReportScheduleBook(connection).list()]
    others = [(each.fallback, each.name) for each in ChannelBook(connection).list()]
    named += [((fallback,), f"channel {name}") for fallback, name in others if fallback is not None]
    found: dict[str, list[str]] = {}
    for channels, user in named:
        for channel in channels:
            found.setdefault(channel.casefold(), []).append(user)
    return found
