"""A definition that is edited as text: what is shown to the editor, and what is made of what comes back."""

from dataclasses import dataclass, replace

from fleet.deployments.deployment import Deployment
from fleet.errors import BadInput
from ops.deployments.definition_files import write_definition
from ops.deployments.definition_sources import read_text
from ops.deployments.definitions import Source, differences
from ops.state.deployments import StoredDeployment


@dataclass(frozen=True, slots=True)
class Draft:
    """The text to be edited. ``is_source``: it is the one that was read, with its comments."""

    stored: StoredDeployment
    text: str
    format: str
    is_source: bool


def draft_of(stored: StoredDeployment) -> Draft:
    """The source where the deployment is still as it says (being enabled or not apart), else its definition anew."""
    format_ = stored.source_format or "toml"
    if stored.source and set(_drift(stored)) <= {"enabled"}:
        return Draft(stored, stored.source, format_, is_source=True)
    return Draft(stored, write_definition(stored.deployment, format_), format_, is_source=False)


def read_draft(draft: Draft, text: str) -> tuple[Deployment, Source]:
    """What ``text``, made of the draft, defines. Where it leaves ``enabled`` as it was, the switch stays as it is.

    Raises:
        BadInput: it is no definition.
    """
    before = read_text(draft.text, draft.format, draft.stored.deployment.name)
    after = read_text(text, draft.format, draft.stored.deployment.name)
    if after.enabled is before.enabled:
        after = replace(after, enabled=draft.stored.deployment.enabled)
    return after, Source(text, draft.format)


def _drift(stored: StoredDeployment) -> list[str]:
    try:
        as_read = read_text(stored.source, stored.source_format, stored.deployment.name)
    except BadInput:
        return ["everything"]
    return differences(as_read, stored.deployment)
