"""Where dnf 4, dnf5 or yum 3 stands, by the lines that they print without a terminal."""

import re

from collectors.managers.transaction_progress import fetching, installing, name_of_rpm
from fleet.deployments.jobs import JobProgress

_VERBS = (
    "Upgrading|Updating|Installing|Reinstalling|Downgrading|Erasing|Removing|Obsoleting|Cleanup|Running scriptlet"
    "|Verifying|Preparing"
)
# dnf 4 and yum 3: "  Upgrading        : acme-openssl-1:3.0.1-2.el9_4.x86_64                    1/2 "
_STEP = re.compile(rf"(?P<doing>{_VERBS}) *: *(?P<package>\S*) +(?P<done>\d{{1,7}})/(?P<total>\d{{1,7}})")
# dnf5: "[ 16/137] Upgrading glibc-0:2.43-9.fc44.x86_64 100% | 166.5 MiB/s | 1.0 MiB |  00m00s"; long names are cut.
_STEP_5 = re.compile(
    rf"\[ *(?P<done>\d{{1,7}})/(?P<total>\d{{1,7}})\] (?P<doing>{_VERBS}|Verify package files|Prepare transaction)"
    r" *(?P<package>\S*)(?: +\d{1,3}%.*)?"
)
# "(3/8): kernel-5.14.0-427.20.1.el9_4.x86_64.rpm 6 kB/s | 5.6 kB 00:00", and "[1/8] gssdp-0:1.6.5-1.fc44.x86_64 100% |"
# as dnf5 has it
_FETCH = re.compile(r"\((?P<done>\d{1,7})/(?P<total>\d{1,7})\): (?P<package>\S+) .*")
_FETCH_5 = re.compile(r"\[ *(?P<done>\d{1,7})/(?P<total>\d{1,7})\] (?P<package>\S+-\S+) +\d{1,3}% .*")
# A terminal's width several times over; a flood on one line would be gone through again and again.
_MOST_CHARACTERS = 512
_ONE = re.compile(r"(?P<package>\S+)\.rpm +[0-9.]+ [kMG]?B/s \| .*")


def read_progress(status_line: str, log_tail: str) -> JobProgress | None:  # noqa: ARG001
    """The package in work and what is done with it; None where nothing tells."""
    for line in reversed(log_tail.splitlines()):
        if len(line) > _MOST_CHARACTERS:
            continue
        text = " ".join(line.split())
        if step := _STEP.fullmatch(text) or _STEP_5.fullmatch(text):
            return installing(name_of_rpm(step["package"]), step["doing"], step["done"], step["total"])
        if fetch := _FETCH.fullmatch(text) or _FETCH_5.fullmatch(text):
            return fetching(name_of_rpm(fetch["package"]), fetch["done"], fetch["total"])
        if one := _ONE.fullmatch(text):
            return fetching(name_of_rpm(one["package"]), "", "")
    return None
