"""What a definition would come to, in words: for the command line and for the app, which colours them."""

from collections.abc import Iterator
from enum import Enum, auto

from fleet.deployments.deployment import Deployment
from fleet.deployments.outlook import Outlook
from fleet.deployments.prediction import Prediction
from fleet.name_lists import some_of
from ops.cli.listing import Column, Listing
from ops.cli.run_texts import format_seconds
from ops.cli.values import count_of
from ops.deployments.outlook import Foreseen

_NAMES = 4


class Weight(Enum):
    """How a line is meant."""

    PLAIN = auto()
    NOTE = auto()
    BAD = auto()


def outlook_lines(deployment: Deployment, foreseen: Foreseen) -> Iterator[tuple[Weight, str]]:
    """Which machines, how many updates by class, how long against the window; what stands in the way."""
    outlook = foreseen.outlook
    names = f": {some_of(foreseen.names, _NAMES)}" if foreseen.names else ""
    waves = f", in {count_of(len(foreseen.waves), 'wave')}" if len(foreseen.waves) > 1 else ""
    weight = Weight.PLAIN if outlook.total else Weight.BAD
    yield weight, f"On {count_of(outlook.total, 'machine')} now{waves}{names}"
    yield Weight.PLAIN, _installs(outlook)
    if outlook.machines:
        yield _time(deployment, outlook)
    for note in foreseen.notes:
        yield Weight.NOTE, note


def list_outlook(outlook: Outlook) -> Listing:
    """A row for each machine that something would be done on, the longest first."""
    columns = tuple(map(Column, ("machine", "updates", "restarts", "seconds", "careful_seconds", "fits")))
    rows = []
    for each in outlook.machines:
        told = each.prediction
        careful = told.careful_install_seconds + (told.careful_reboot_seconds or 0.0) if told else None
        rows.append((each.name, each.updates, each.reboots, told.seconds if told else None, careful, each.fits))
    return Listing(columns, rows)


def _installs(outlook: Outlook) -> str:
    parts = [f"{each.updates:,} {each.classification.value} on {each.machines:,}" for each in outlook.classes]
    reboots = sum(each.reboots for each in outlook.machines)
    rest = [f"{reboots:,} restart" if reboots else "none restarts"] if outlook.machines else []
    rest += [f"{outlook.idle:,} miss nothing of it"] if outlook.idle else []
    rest += [f"{outlook.unassessed:,} not assessed yet"] if outlook.unassessed else []
    what = "; ".join(parts) or "nothing that is known by now"
    return f"Would install {what}{''.join(f' · {each}' for each in rest)}"


def _time(deployment: Deployment, outlook: Outlook) -> tuple[Weight, str]:
    longest, window = outlook.machines[0], format_seconds(deployment.window.minutes * 60)
    if longest.prediction is None:
        return Weight.NOTE, f"How long it takes is not known: no such installation in the history. Window {window}"
    takes = f"Longest machine {longest.name}: {_takes(longest.prediction)}, window {window}"
    untold = f"; of {outlook.untold:,} not known" if outlook.untold else ""
    if too_long := outlook.too_long:
        names = some_of([each.name for each in too_long], 3)
        return Weight.BAD, f"DOES NOT FIT on {count_of(len(too_long), 'machine')} ({names}). {takes}{untold}"
    return Weight.PLAIN, f"{takes}: fits{untold}"


def _takes(prediction: Prediction) -> str:
    careful = prediction.careful_install_seconds + (prediction.careful_reboot_seconds or 0.0)
    reboot = " without its restart, which nobody has timed" if prediction.reboot_seconds is None else ""
    return f"about {format_seconds(prediction.seconds)}, carefully {format_seconds(careful)}{reboot}"
