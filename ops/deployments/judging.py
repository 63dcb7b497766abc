"""Judging a machine by what was seen of it in all rounds of its turn."""

from fleet.deployments.runs import UpdateOutcome
from fleet.deployments.verdicts import MachineVerdict, judge_machine
from ops.deployments.sightings import Sightings
from ops.deployments.turn import Turn
from ops.deployments.turn_end import describe_mistake
from ops.logs import log_error

# The part of the log in which outcomes are looked for.
_MOST_LOG_READ = 32 * 1024 * 1024


def judge_turn(turn: Turn, seen: Sightings) -> tuple[tuple[UpdateOutcome, ...], MachineVerdict]:
    """What became of each update and of the machine; a log that cannot be read costs only its excerpts."""
    log = b""
    try:
        log = turn.context.folder.read_log(turn.machine.name, seen.installed.log_from, _MOST_LOG_READ)
    except OSError as error:
        turn.say(f"Its log cannot be read: {error.strerror}.")
    try:
        return seen.judge(
            turn.plan, log, cancelled=turn.is_cancelled, earlier=turn.record.outcomes, number=turn.record.rounds
        )
    # As at the edge of a turn: one machine's bug is not the run's.
    except Exception as error:  # noqa: BLE001
        log_error("a machine's end broke", error, machine=turn.machine.name)
        seen.failure = describe_mistake(error)
        return turn.record.outcomes, judge_machine((), seen.failure)
