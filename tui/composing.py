"""A deployment from the texts of its form. What was not changed stays as it is, to the letter: a text need not be able
to say all that a file can.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any  # what an option of the command line holds

from fleet.deployments.checking import check_deployment
from fleet.deployments.deployment import Deployment
from fleet.deployments.schedule import Schedule
from fleet.errors import BadInput
from tui.deployment_steps import FIELDS
from tui.step_fields import FieldMistake, StepField


def compose_deployment(texts: Mapping[str, str], begun: Deployment, now: datetime) -> Deployment:
    """``begun`` with what ``texts`` say otherwise.

    Raises:
        FieldMistake: a text cannot be used; says which field and why.
        BadInput: the fields do not go together.
    """
    changed = [each for each in FIELDS.values() if texts.get(each.name, each.text_of(begun)) != each.text_of(begun)]
    made = begun
    for field in changed:
        if field.name == "name":
            made = replace(made, name=texts["name"])
        elif not field.is_of_schedule:
            made = _with_field(made, field, texts[field.name], now)
    if any(field.is_of_schedule for field in changed):
        made = replace(made, schedule=compose_schedule(texts, made, now))
    return check_deployment(made)


def compose_schedule(texts: Mapping[str, str], begun: Deployment, now: datetime) -> Schedule | None:
    """When it starts; None where no first start is given: it runs when asked.

    Raises:
        FieldMistake: a text of the schedule cannot be used, or there is no start to come.
    """
    if not texts["first"]:
        if texts["repeats"]:
            raise FieldMistake("first", "It repeats, but from when? Give the first start as YYYY-MM-DD HH:MM.")
        return None
    rule = _valued(FIELDS["repeats"], texts["repeats"])
    given: dict[str, Any] = {"zone": texts["zone"] or "UTC"}
    given |= {"rule": rule, "first": texts["first"]} if rule else {"once": texts["first"]}
    for name in ("offset_days", "last_day", "blackouts", "missed"):
        if texts[name]:
            given[name] = _valued(FIELDS[name], texts[name])
    return _applied(replace(begun, schedule=None), given, now).schedule


def _with_field(deployment: Deployment, field: StepField, text: str, now: datetime) -> Deployment:
    from ops.cli.deployment_flags import clear_flags
    from ops.cli.deployment_options import DefinitionOptions

    if not text and field.name == "targets":
        return replace(deployment, targets=())
    if not text:
        return clear_flags(deployment, [DefinitionOptions.option_of(field.option)])
    return _applied(deployment, {field.option: _valued(field, text)}, now)


def _applied(deployment: Deployment, given: Mapping[str, Any], now: datetime) -> Deployment:
    from ops.cli.deployment_flags import apply_flags
    from ops.cli.deployment_options import DefinitionOptions

    try:
        return apply_flags(deployment, DefinitionOptions(**given), now)
    except BadInput as error:
        option, colon, message = str(error).partition(": ")
        names = {DefinitionOptions.option_of(each.option): each.name for each in FIELDS.values() if each.option}
        names["--once"] = "first"
        known = names.get(option) if colon else None
        name = known or next((each.name for each in FIELDS.values() if each.option in given), "first")
        raise FieldMistake(name, message if known else str(error)) from error


def _valued(field: StepField, text: str) -> Any:  # Any: what the field's option holds
    try:
        return field.value_of(text)
    except BadInput as error:
        raise FieldMistake(field.name, str(error)) from error
