"""Missing updates as rows."""

from collections.abc import Sequence

from fleet.errors import UnknownName
from fleet.updates import Classification
from ops.cli.listing import Column, Listing
from ops.cli.values import as_text, count_of
from ops.missing import MissingUpdate

_CLASSES = {
    "critical": Classification.CRITICAL,
    "security": Classification.SECURITY,
    "others": Classification.OTHERS,
    "unclassified": Classification.UNCLASSIFIED,
}
INSTALLABLE = "an ordinary upgrade installs it"

_UNITS = ("B", "kB", "MB", "GB")


def parse_classes(names: Sequence[str]) -> set[Classification]:
    """The classes called ``names``.

    Raises:
        UnknownName: there is no such class.
    """
    for name in names:
        if name.casefold() not in _CLASSES:
            raise UnknownName("class", name, _CLASSES)
    return {_CLASSES[name.casefold()] for name in names}


def show_size(value: object) -> str:
    """Bytes as ``950 B``, ``1.2 kB``, ``34 MB``; empty where they are not known."""
    if not isinstance(value, int):
        return ""
    size, unit = float(value), 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.0f} {_UNITS[unit]}" if unit == 0 or size >= 10 else f"{size:.1f} {_UNITS[unit]}"


def _show_class(value: object) -> str:
    return next((name for name, class_ in _CLASSES.items() if class_ is value), as_text(value))


def _show_why(value: object) -> str:
    return "yes" if value == INSTALLABLE else f"no: {as_text(value)}"


_COLUMNS = (
    Column("machine", "Machine"),
    Column("name", "Update"),
    Column("architecture", "Arch", is_extra=True),
    Column("installed_version", "Installed", is_extra=True),
    Column("offered_version", "Offered"),
    Column("classification", "Class", _show_class),
    Column("is_installable"),
    Column("why", "Installable", _show_why),
    Column("repository", "From", is_extra=True),
    Column("size_bytes", "Size", show_size, is_number=True, is_extra=True),
    Column("blocker"),
    Column("blocker_detail"),
    Column("classification_source"),
    Column("first_seen"),
    Column("fleet_first_seen"),
    Column("seen_at"),
    Column("machine_id"),
)


def list_updates(missing: Sequence[MissingUpdate]) -> Listing:
    """A row for each update that a machine misses."""
    return Listing(_COLUMNS, [_row(found) for found in missing])


def describe_total(shown: Sequence[MissingUpdate], missing: Sequence[MissingUpdate]) -> str:
    """One line: how many updates on how many machines, and how many of them are installable."""
    machines = len({found.machine_id for found in shown})
    installable = sum(found.update.is_installable for found in shown)
    chosen = f" (of {len(missing)})" if len(shown) != len(missing) else ""
    missing_updates = count_of(len(shown), "missing update")
    return f"{missing_updates}{chosen} on {count_of(machines, 'machine')}, {installable} of them installable now."


def _row(found: MissingUpdate) -> tuple[object, ...]:
    update = found.update
    return (
        found.machine_name,
        update.name,
        update.architecture,
        update.installed_version,
        update.offered_version,
        update.classification,
        update.is_installable,
        _why(found),
        update.repository,
        update.size_bytes,
        update.blocker,
        update.blocker_detail,
        update.classification_source,
        found.first_seen,
        found.fleet_first_seen,
        found.seen_at,
        found.machine_id,
    )


def _why(found: MissingUpdate) -> str:
    update = found.update
    if update.blocker is None:
        return INSTALLABLE
    return f"{update.blocker.value} ({update.blocker_detail})" if update.blocker_detail else update.blocker.value
