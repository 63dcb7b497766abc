"""The failure budget of a run: how many machines may fail before no machine is begun any more."""

import re
from decimal import Decimal

from fleet.counts import share_of
from fleet.deployments.rollout import FailureBudget
from fleet.errors import BadInput

_BUDGET = re.compile(r"(?P<percent>[0-9]{1,3}(?:\.[0-9]{1,6})?)%|(?P<machines>[0-9]{1,9})")


def parse_budget(text: str) -> FailureBudget:
    """``3`` machines or ``10%`` of all machines of the run; 0: none may fail.

    Raises:
        BadInput: it is neither, or more than 100%.
    """
    match = _BUDGET.fullmatch(text.strip())
    if match is None or (match["percent"] and float(match["percent"]) > 100):
        raise BadInput(f"Failure budget {text!r} is not usable: write a number of machines or a percentage up to 100%.")
    if match["machines"]:
        return FailureBudget(machines=int(match["machines"]))
    return FailureBudget(percent=float(match["percent"]))


def budget_text(budget: FailureBudget) -> str:
    """The budget as `parse_budget` reads it."""
    if budget.machines is not None:
        return str(budget.machines)
    percent = f"{_exact(budget.percent or 0.0):f}"
    return f"{percent.rstrip('0').rstrip('.') if '.' in percent else percent}%"


def is_exhausted(budget: FailureBudget | None, failed: int, total: int) -> bool:
    """Whether more machines have failed, of ``total`` in the run, than the budget allows; never without a budget."""
    if budget is None or failed <= 0:
        return False
    if budget.machines is not None:
        return failed > budget.machines
    return budget.percent is not None and failed * 100 > _exact(budget.percent) * total


def describe_budget(budget: FailureBudget | None, failed: int, total: int) -> str:
    """How much of the budget is used, with its denominator: ``4 of 200 machines failed, 3 may``."""
    used = f"{share_of(failed, total)} failed"
    return f"{used}, {budget_text(budget)} may" if budget else f"{used}, there is no failure budget"


def _exact(percent: float) -> Decimal:
    """The number as it was written: 12.3 is not quite 12.3 in binary, and a budget is met or not."""
    return Decimal(repr(percent))
