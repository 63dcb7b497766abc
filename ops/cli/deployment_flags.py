"""From the options of a deployment to the deployment: each option sets one field, and is named where it is wrong."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from fleet.deployments.budget import parse_budget
from fleet.deployments.deployment import Deployment
from fleet.deployments.masks import parse_mask
from fleet.deployments.reboot_rules import RebootPolicy
from fleet.deployments.scripts import ScriptStage
from fleet.deployments.waves import parse_wave
from fleet.errors import BadInput, UnknownName
from fleet.machines import parse_tag
from fleet.targets import select_machines
from ops.cli.deployment_options import DefinitionOptions
from ops.cli.deployment_schedule_flags import apply_schedule
from ops.cli.deployment_texts import read_classes, read_clock_time, read_exclusion, read_script

# Any: a field of the options on one side, a field of some dataclass of the deployment on the other.
_Read = Callable[[Any], Any]
_CLEARED = Deployment("cleared", ())


@dataclass(frozen=True, slots=True)
class _Flag:
    """Where the value of an option goes: the path of a field, and how it is read."""

    path: tuple[str, ...]
    read: _Read


def _target(text: str) -> str:
    try:
        select_machines([text], ())
    except UnknownName as error:
        if error.kind == "operating system":
            raise
    return text


def _policy(text: str) -> RebootPolicy:
    by_name = {policy.value.casefold(): policy for policy in RebootPolicy}
    if text.replace("-", "").casefold() not in by_name:
        raise UnknownName("reboot policy", text, [policy.value for policy in RebootPolicy])
    return by_name[text.replace("-", "").casefold()]


def _tag_key(text: str) -> str:
    return parse_tag(f"{text}=x")[0] if text else ""


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise BadInput(f"{number} is no number to count with.")
    return number


def _each(read: _Read) -> _Read:
    return lambda values: tuple(map(read, values))


def _same(value: Any) -> Any:  # Any: see _Read
    return value


_FLAGS: Mapping[str, _Flag] = MappingProxyType(
    {
        "targets": _Flag(("targets",), _each(_target)),
        "classes": _Flag(("updates", "classes"), read_classes),
        "include": _Flag(("updates", "include"), _each(parse_mask)),
        "exclude": _Flag(("updates", "exclude"), _each(parse_mask)),
        "exclusions": _Flag(("updates", "exclusions"), _each(read_exclusion)),
        "minimum_age": _Flag(("updates", "minimum_age_days"), _same),
        "new_packages": _Flag(("updates", "allow_new_packages"), _same),
        "removals": _Flag(("updates", "allow_removals"), _same),
        "optional": _Flag(("updates", "allow_optional"), _same),
        "licences": _Flag(("updates", "accept_licences"), _same),
        "rounds": _Flag(("updates", "rounds"), _same),
        "window": _Flag(("window", "minutes"), _same),
        "stop_starting": _Flag(("window", "stop_starting_minutes"), _same),
        "stop_rebooting": _Flag(("window", "reboot_minutes"), _same),
        "hard_stop": _Flag(("window", "hard_stop"), _same),
        "reboot": _Flag(("reboot", "policy"), _policy),
        "reboot_at": _Flag(("reboot", "at"), read_clock_time),
        "reboot_notice": _Flag(("reboot", "notice_minutes"), _same),
        "reboot_message": _Flag(("reboot", "message"), _same),
        "reboot_return": _Flag(("reboot", "return_minutes"), _same),
        "waves": _Flag(("rollout", "waves"), _each(parse_wave)),
        "gate_success": _Flag(("rollout", "gate", "success_percent"), _finite),
        "gate_units": _Flag(("rollout", "gate", "check_units"), _same),
        "gate_command": _Flag(("rollout", "gate", "command"), _same),
        "gate_ports": _Flag(("rollout", "gate", "tcp_ports"), tuple),
        "gate_soak": _Flag(("rollout", "gate", "soak_minutes"), _finite),
        "budget": _Flag(("rollout", "budget"), parse_budget),
        "cluster_tag": _Flag(("rollout", "cluster_tag"), _tag_key),
        "order_by_tag": _Flag(("rollout", "order_by_tag"), _tag_key),
        "concurrency": _Flag(("rollout", "concurrency"), _same),
        "predownload": _Flag(("predownload_minutes",), _same),
        "needs_approval": _Flag(("needs_approval",), _same),
        "channels": _Flag(("channels",), tuple),
        "notice": _Flag(("notice_hours",), _finite),
        "description": _Flag(("description",), _same),
        "disabled": _Flag(("enabled",), lambda disabled: not disabled),
    }
)
_STAGES = MappingProxyType({"pre_scripts": ScriptStage.PRE, "post_scripts": ScriptStage.POST})


def apply_flags(deployment: Deployment, options: DefinitionOptions, now: datetime) -> Deployment:
    """``deployment`` with every field set that an option of ``options`` was given for; a list replaces the old one.

    Raises:
        BadInput: a value cannot be used; the message begins with the option.
    """
    for name in options.given:
        if name in _FLAGS:
            with DefinitionOptions.naming(name):
                flag = _FLAGS[name]
                deployment = _put(deployment, flag.path, flag.read(getattr(options, name)))
        elif name in _STAGES:
            with DefinitionOptions.naming(name):
                deployment = _put_scripts(deployment, _STAGES[name], getattr(options, name))
    return apply_schedule(deployment, options, now)


def clear_flags(deployment: Deployment, names: Sequence[str]) -> Deployment:
    """``deployment`` with the fields of the options ``names`` (``budget``, ``gate-port``; ``schedule`` is all of it)
    as they are by default.

    Raises:
        UnknownName: there is no such option.
    """
    fields = {
        DefinitionOptions.option_of(field).removeprefix("--"): field
        for field in (*_FLAGS, *_STAGES)
        if field != "targets"
    }
    for name in names:
        field = fields.get(name.removeprefix("--"))
        if name == "schedule":
            deployment = replace(deployment, schedule=None)
        elif field is None:
            raise UnknownName("option to clear", name, [*fields, "schedule"])
        elif field in _STAGES:
            deployment = _put_scripts(deployment, _STAGES[field], ())
        else:
            deployment = _put(deployment, _FLAGS[field].path, _get(_CLEARED, _FLAGS[field].path))
    return deployment


def _put_scripts(deployment: Deployment, stage: ScriptStage, texts: Sequence[str]) -> Deployment:
    others = tuple(script for script in deployment.scripts if script.stage is not stage)
    mine = tuple(read_script(text, stage) for text in texts)
    return replace(deployment, scripts=(*mine, *others) if stage is ScriptStage.PRE else (*others, *mine))


def _put(thing: Any, path: tuple[str, ...], value: object) -> Any:  # Any: a dataclass on the way to the field
    name, *rest = path
    return replace(thing, **{name: _put(getattr(thing, name), tuple(rest), value) if rest else value})


def _get(thing: Any, path: tuple[str, ...]) -> object:  # Any: as above
    for name in path:
        thing = getattr(thing, name)
    return thing


def check_complete(options: DefinitionOptions) -> None:
    """Refuses options that leave out what makes a deployment.

    Raises:
        BadInput: no target; nothing to install, and not reboots only.
    """
    if not options.targets:
        raise BadInput("Say which machines with --target, for example --target tag:env=prod.")
    with DefinitionOptions.naming("reboot"):
        reboots_only = options.reboot is not None and _policy(options.reboot) is RebootPolicy.ONLY
    if not (options.classes or options.include or reboots_only):
        raise BadInput("Say what to install with --class (for example --class security) or --include.")
