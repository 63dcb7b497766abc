"""All machines of all labs share the network of the host: where labs listen tells nothing of a machine's services."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from collectors.jobs import pulses
from collectors.sections import Section
from tests.lab.builder.lab import NETS

_OF_LABS = tuple(f"tcp {net}." for net in NETS)


@contextmanager
def looking_past_labs() -> Iterator[None]:
    """No lab that ends while a machine of another reboots has it waited for, as for one whose services are down."""
    read = pulses._read_listening

    def of_services(section: Section, is_big_endian: bool) -> Iterator[str]:
        return (each for each in read(section, is_big_endian) if not each.startswith(_OF_LABS))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pulses, "_read_listening", of_services)
        yield
