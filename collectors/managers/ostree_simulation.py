"""Systems that are images: they take no order of single updates, and the simulation says what to do instead."""

from collectors.managers.ordered_packages import refuse
from collectors.sections import Sections
from fleet.deployments.jobs import JobOrder
from fleet.deployments.plan import Simulation


def read_simulation(sections: Sections, order: JobOrder) -> Simulation:  # noqa: ARG001
    """That nothing can be done, and which of the machine's tools brings a whole new image."""
    tools = sections.get("ostree-tools").value("tools").split()
    tool = "bootc" if "rpm-ostree" not in tools else "rpm-ostree"
    return refuse(f"the system is an image and takes no single updates: run {tool} upgrade on it, then reboot it")
