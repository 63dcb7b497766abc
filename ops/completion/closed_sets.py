"""What may stand behind options whose values are words of ours, though they are taken as any text."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

Words = Callable[[], Iterable[str]]


def closed_set(verb: str, parameter: str) -> tuple[str, ...]:
    """The values that ``parameter`` of ``verb``, as in "deployments add", takes; none where it takes any."""
    group, _, last = verb.partition(" ")
    for of in (verb, group, ""):
        if (words := _SETS.get((of, parameter))) is not None:
            return tuple(words())
    if parameter == "clear" and last == "edit":
        return tuple(_clearable(group))
    return ()


def _classes() -> Iterable[str]:
    from ops.deployments.definition_words import CLASS_WORDS

    return CLASS_WORDS


def _severities() -> Iterable[str]:
    from fleet.alerts.severity import Severity

    return (each.value for each in Severity)


def _reboots() -> Iterable[str]:
    from fleet.deployments.reboot_rules import RebootPolicy

    return (each.name.lower().replace("_", "-") for each in RebootPolicy)


def _outcomes() -> Iterable[str]:
    from fleet.deployments.runs import InstallationStatus

    return (each.value for each in InstallationStatus)


def _ends() -> Iterable[str]:
    from fleet.alerts.checking import STATUSES

    return dict.fromkeys(status for those in STATUSES.values() for status in those)


def _starters() -> Iterable[str]:
    from ops.alerts.starter import list_starters

    return (each.name for each in list_starters())


def _checks() -> Iterable[str]:
    from fleet.readiness import CHECKS

    return (each.name for each in CHECKS)


def _lists() -> Iterable[str]:
    from ops.importing.formats import FORMATS

    return (each.name for each in FORMATS)


def _new_machines() -> Iterable[str]:
    from fleet.importing.source import NewMachines

    return (each.value for each in NewMachines)


def _feeds() -> Iterable[str]:
    from ops.feeds.formats import FORMATS

    return (each.kind for each in FORMATS)


def _days() -> Iterable[str]:
    from fleet.update_client.values import DAYS

    return (day.casefold().replace(" ", "-") for day in DAYS)


def _zones() -> Iterable[str]:
    from zoneinfo import available_timezones

    return sorted(available_timezones())


def _clearable(group: str) -> Iterable[str]:
    if group == "channels":
        from ops.cli.channel_options import CLEARABLE

        return CLEARABLE
    if group == "profiles":
        from ops.cli.verbs.profiles.define import CLEARABLE as OF_PROFILES

        return OF_PROFILES
    if group == "machines":
        from ops.cli.verbs.machines.edit import MACHINE_CLEARABLE

        return MACHINE_CLEARABLE
    return ()


# By the verb, or its first word, and the name of the option.
_SETS: Mapping[tuple[str, str], Words] = MappingProxyType(
    {
        ("updates", "class_"): _classes,
        ("deployments", "classes"): lambda: (*_classes(), "all"),
        ("deployments", "reboot"): _reboots,
        ("deployments results", "status"): _outcomes,
        ("deployments show", "format_"): lambda: ("toml", "yaml", "source"),
        ("deployments", "format_"): lambda: ("toml", "yaml"),
        ("deployments", "zone"): _zones,
        ("reports", "zone"): _zones,
        ("alerts", "zone"): _zones,
        ("alerts", "severity"): _severities,
        ("alerts", "status"): _ends,
        ("alerts", "starter"): _starters,
        ("alerts", "count"): lambda: ("deployment-runs", "machine-runs"),
        ("check", "only"): _checks,
        ("machines import", "format"): _lists,
        ("machines import", "new"): _new_machines,
        ("sources", "new"): _new_machines,
        ("feeds", "kind"): _feeds,
        ("windows", "install_day"): _days,
    }
)
