"""What the scripts `assess`, `assess_follow` and `assess_forget` are told."""

import base64
import hashlib
from dataclasses import dataclass
from enum import StrEnum

from collectors.windows.script_call import ScriptCall, call_script, script_text

# A search that takes longer than that is hung; the task is ended by Windows even where nobody comes back for it.
_TASK_MINUTES = 60
# A machine that was never patched gets more than a hundred updates in one night.
MOST_HISTORY = 300


class SearchPlan(StrEnum):
    """Who searches. AUTO: by the build, a task first where logins from elsewhere are known to be refused."""

    AUTO = "auto"
    DIRECT = "direct"
    TASK = "task"


@dataclass(frozen=True, slots=True)
class AssessParameters:
    """The parameters of `assess`. ``run_id`` names task and folder, should there be one; hexadecimal digits.

    ``history`` is how many of the last acts are told: what waits for its restart is known from nowhere else.
    """

    search: SearchPlan
    run_id: str
    online: bool = True
    history: int = MOST_HISTORY


def call_assess(parameters: AssessParameters) -> ScriptCall:
    """A call of `assess`, with the text of what SYSTEM would run beside it."""
    return call_script(
        "assess",
        {
            "search": parameters.search.value,
            "run_id": parameters.run_id,
            "script_sha": hashlib.sha256(script_text("assess")).hexdigest(),
            "told": {"online": parameters.online, "history": parameters.history},
            "task_minutes": _TASK_MINUTES,
            "task_script": base64.b64encode(script_text("assess_task")).decode("ascii"),
        },
    )


def call_follow(run_id: str) -> ScriptCall:
    """A call of `assess_follow`: what became of the task, which is removed with its folder once it has ended."""
    return call_script("assess_follow", {"run_id": run_id})


def call_forget(run_id: str) -> ScriptCall:
    """A call of `assess_forget`: ends the task and removes what there is of it."""
    return call_script("assess_forget", {"run_id": run_id})
