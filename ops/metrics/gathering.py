"""Gathering the metrics of a home: each part by itself, so that one that cannot be read costs the others nothing."""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from fleet import metric_catalogue as catalogue
from fleet.errors import HomeIsNewer, PatchdeckError
from fleet.hostile import clean
from fleet.metrics import Family, joined, only, render
from ops.config import Settings
from ops.home import Home
from ops.metrics.fleet_picture import FleetMemory
from ops.metrics.machines import machine_families
from ops.metrics.runs import RunMemory
from ops.metrics.surroundings import service_families, source_families, storage_families
from ops.metrics.telling import telling_families
from ops.service.lease import own_version
from ops.state.database import opened, told


@dataclass(frozen=True, slots=True)
class Gathered:
    """The metrics of one moment. ``fixed`` are the labels that all of them have; ``problems`` say what is wrong, and
    ``is_whole`` whether every part could be gathered.
    """

    families: tuple[Family, ...]
    fixed: Mapping[str, str]
    problems: tuple[str, ...]
    is_whole: bool = True

    def page(self) -> str:
        """All of them in Prometheus' text format."""
        return render(self.families, self.fixed)


class Gatherer:
    """Gathers the metrics of one home, the second time at a fraction of the cost. For one thread at a time."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._fleet = FleetMemory(home)
        self._runs = RunMemory()

    def gather(self, settings: Settings, now: datetime) -> Gathered:
        """The metrics at ``now``. Blocking.

        Raises:
            HomeUnusable, StoreBusy: state.db cannot be opened.
            HomeIsNewer: a newer Patchdeck has changed the home.
        """
        began = time.perf_counter()
        families: list[Family] = [
            Family(catalogue.BUILD_INFO, {(own_version() or "unknown",): 1}),
            only(catalogue.WRITTEN, now.timestamp()),
        ]
        problems: list[str] = []
        succeeded: dict[tuple[str, ...], float] = {}
        with opened(self._home.state_file) as connection:
            for name, gather in self._parts(connection, settings, now, problems).items():
                try:
                    with told(self._home.state_file):
                        families += list(gather())
                    succeeded[name,] = 1
                except HomeIsNewer:
                    raise
                except PatchdeckError as error:
                    succeeded[name,] = 0
                    problems.append(f"{name}: {error}")
        families += [
            Family(catalogue.PART_SUCCESS, succeeded),
            only(catalogue.GATHERING, round(time.perf_counter() - began, 6)),
        ]
        return Gathered(joined(families), _fixed(settings), tuple(problems), all(succeeded.values()))

    def _parts(
        self, connection: sqlite3.Connection, settings: Settings, now: datetime, problems: list[str]
    ) -> Mapping[str, Callable[[], Iterable[Family]]]:
        def machines() -> Iterator[Family]:
            picture = self._fleet.look(connection, settings, now)
            problems.extend(picture.problems)
            return machine_families(picture, now)

        return {
            "service": lambda: service_families(connection, self._home),
            "machines": machines,
            "runs": lambda: self._runs.families(connection, settings, now),
            "telling": lambda: telling_families(connection),
            "sources": lambda: source_families(connection),
            "storage": lambda: storage_families(self._home),
        }


def _fixed(settings: Settings) -> Mapping[str, str]:
    """Two homes on one host would tell of the same metrics: node_exporter refuses that, unless a label differs."""
    return {} if settings.app_name is None else {"home": clean(settings.app_name)}
