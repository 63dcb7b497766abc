"""Where the updates of a Windows machine of the sample come from, and how its automatic updates are set."""

from collectors.windows.assess_answer import SourceAnswer
from generator.conditions import has_wsus_of_its_own
from generator.roster import Member

_WSUS = "http://wsus-01.fra.example.com:8530"
_OLD_WSUS = "http://wsus-old.ham.example.com:8530"
_WSUS_SERVICE = "3da21691-e39d-4da6-8a4b-b43877bcb1b7"
_MICROSOFT_UPDATE = "7971f918-a847-4430-9279-4a52d1efe18d"
_NOTIFY = 3


def source_answer(member: Member) -> SourceAnswer:
    """As the registry of the machine has it: servers ask a WSUS, workstations Microsoft Update."""
    if member.role == "workstation":
        return SourceAnswer(au_options=_NOTIFY, service_id=_MICROSOFT_UPDATE, service_name="Microsoft Update")
    server = _OLD_WSUS if has_wsus_of_its_own(member) else _WSUS
    return SourceAnswer(
        wu_server=server,
        wu_status_server=server,
        use_wu_server=1,
        target_group="Servers",
        no_auto_update=1,
        service_id=_WSUS_SERVICE,
        service_name="Windows Server Update Service",
    )
