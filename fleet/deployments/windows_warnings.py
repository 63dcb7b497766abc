"""What is to be known before a Windows is patched, and holds nowhere else."""

from collections.abc import Iterator, Sequence

from fleet.assessments import Assessment
from fleet.deployments.plan import Selection
from fleet.deployments.reboot_rules import RebootPolicy
from fleet.deployments.rounds import rounds_of
from fleet.deployments.start_checks import needs_restart_first
from fleet.deployments.update_rules import UpdateRules
from fleet.failures import FindingKind
from fleet.name_lists import some_of
from fleet.updates import WindowsUpdate

_HARD_STOP = "At the hard stop nothing more is begun; what Windows installs then goes on: ending it would break it."


def find_windows_warnings(
    assessment: Assessment, selection: Selection, rules: UpdateRules, policy: RebootPolicy, *, hard_stop: bool
) -> Iterator[str]:
    """A line for each: licences, updates that are installed alone, rounds, what reboots against the policy."""
    chosen = [(update.name, update.windows) for update in selection.chosen if update.windows is not None]
    if chosen:
        yield from _about_installing(assessment, chosen, rules, policy)
    if hard_stop:
        yield _HARD_STOP
    if policy is RebootPolicy.NEVER:
        for finding in assessment.findings:
            if finding.kind is FindingKind.REBOOT_POLICY:
                yield f"The deployment reboots nothing, and Windows may: {finding.describe()}"


def _about_installing(
    assessment: Assessment,
    chosen: Sequence[tuple[str, WindowsUpdate]],
    rules: UpdateRules,
    policy: RebootPolicy,
) -> Iterator[str]:
    if needs_restart_first(assessment) and policy is not RebootPolicy.NEVER:
        yield "It is restarted before anything is installed: Windows refuses until then."
    if licences := [name for name, known in chosen if not known.is_licence_accepted]:
        yield f"Accepts the licence of {some_of(licences)}."
    if alone := [name for name, known in chosen if known.is_exclusive]:
        yield f"Installed alone, apart from the others: {some_of(alone)}."
    most = rounds_of(rules, is_windows=True)
    if most > 1:
        yield f"What is offered only after that is installed too, in up to {most} rounds in all."
