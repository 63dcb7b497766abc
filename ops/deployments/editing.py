"""A definition that is edited as text: what is shown to the editor, and what is made of what comes back."""

from dataclasses import dataclass, replace

from fleet.deployments.deployment import Deployment
from fleet.errors import BadInput
from ops.deployments.definition_files import write_definition
from ops.deployments.definition_sources import changed_since, read_text
from ops.state.deployments import Source, StoredDeployment


@dataclass(frozen=True, slots=True)
class Draft:
    """The text to be edited: the one that was read, with its comments, or a canonical one."""

    stored: StoredDeployment
    source: Source


def draft_of(stored: StoredDeployment) -> Draft:
    """The source where the deployment is still as it says (being enabled or not apart), else its definition anew."""
    if stored.source.text and _is_current(stored):
        return Draft(stored, stored.source)
    format_ = stored.source.format or "toml"
    return Draft(stored, Source(write_definition(stored.deployment, format_), format_))


def read_draft(draft: Draft, text: str) -> tuple[Deployment, Source]:
    """What ``text``, made of the draft, defines. Where it leaves ``enabled`` as it was, the switch stays as it is.

    Raises:
        BadInput: it is no definition.
    """
    name = draft.stored.deployment.name
    source = replace(draft.source, text=text)
    before, after = read_text(draft.source, name), read_text(source, name)
    if after.enabled is before.enabled:
        after = replace(after, enabled=draft.stored.deployment.enabled)
    return after, source


def _is_current(stored: StoredDeployment) -> bool:
    try:
        return set(changed_since(stored)) <= {"enabled"}
    except BadInput:
        return False
