"""Commands of remedies, to be typed as they stand: every name in them is quoted for the shell."""

import shlex
from collections.abc import Sequence

from fleet.deployments.deployment import Deployment
from fleet.deployments.masks import mask_text
from fleet.hostile import clean_name
from fleet.updates import Update

# A list replaces the one before: of a longer one nobody reads whether it is whole.
_MOST_REPEATED = 12


def patchdeck(*words: str) -> str:
    """The command line of ``words``, quoted."""
    return shlex.join(("patchdeck", *map(clean_name, words)))


def edited(deployment: Deployment, option: str, now: Sequence[str], more: str) -> str:
    """The command that adds ``more`` to the values ``now`` of the option of a deployment, all of which it repeats."""
    if len(now) > _MOST_REPEATED:
        return patchdeck("deployments", "edit", deployment.name)
    values = [word for value in (*now, more) for word in (option, value)]
    return patchdeck("deployments", "edit", deployment.name, *values)


def included(deployment: Deployment, update: Update) -> str:
    """The command that has ``deployment`` install ``update`` by its name, whatever its class."""
    return edited(deployment, "--include", [mask_text(mask) for mask in deployment.updates.include], mask_for(update))


def mask_for(update: Update) -> str:
    """What names ``update`` in a mask: the article of a Windows update, else its package, its blanks as ``*``."""
    known = update.windows
    return f"KB{known.kb[0]}" if known and known.kb else "*".join(clean_name(update.name).split())
