"""The duties of a service, each a file of its own. A new one is a file, and a line here."""

from collections.abc import Sequence

from ops.service.absences import AbsencesDuty
from ops.service.alerts import AlertsDuty
from ops.service.assessments import AssessmentsDuty
from ops.service.door import DoorDuty
from ops.service.duty import Duty, Post
from ops.service.engines import engine_maker
from ops.service.messages import MessagesDuty
from ops.service.metrics import MetricsDuty
from ops.service.notices import NoticesDuty
from ops.service.reports import ReportsDuty
from ops.service.runs import RunsDuty
from ops.service.sources import SourcesDuty
from ops.service.starts import StartsDuty
from ops.service.unlocking import UnlockingDuty
from ops.service.upkeep import UpkeepDuty


def make_duties(post: Post) -> Sequence[Duty]:
    """What a service does, in the order in which it looks: a start makes a run, which is begun in the same look."""
    runs = RunsDuty(post, engine_maker(post))
    upkeep = UpkeepDuty(post, lambda: runs.in_work)
    return (
        StartsDuty(post),
        AbsencesDuty(post),
        NoticesDuty(post),
        runs,
        AssessmentsDuty(post),
        DoorDuty(post),
        SourcesDuty(post),
        ReportsDuty(post),
        AlertsDuty(post),
        MessagesDuty(post),
        upkeep,
        MetricsDuty(post),
        UnlockingDuty(post),
    )
