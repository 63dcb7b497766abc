"""How the tests are shared out among workers: what a file sets up once is set up by one of them, not by each."""

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Final

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadGroupScheduling
from xdist.workermanage import WorkerController

MODULE: Final = "module"
"""The group of tests that share something with others of their file, and only with those."""
# Files with more than this are tables of cases, each of which takes less than sending for it alone.
MANY: Final = 20


def shares_with_its_file(item: pytest.Item) -> bool:
    """Whether something that ``item`` asks for is made once for its file."""
    fixtures = item._fixtureinfo.name2fixturedefs if isinstance(item, pytest.Function) else {}
    return any(made.scope == "module" for makers in fixtures.values() for made in makers)


def in_order_of_sending(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """``items``: first those of the lab, which mostly wait, so that others work meanwhile; then the largest shares."""
    tests_in_files = Counter(file_of(item.nodeid) for item in items)
    share_of_item = {item: share_of(item.nodeid, group_of(item) or item.nodeid, tests_in_files) for item in items}
    sizes = Counter(share_of_item.values())
    return sorted(items, key=lambda item: (item.get_closest_marker("lab") is None, -sizes[share_of_item[item]]))


def group_of(item: pytest.Item) -> str | None:
    """The name of its ``xdist_group``."""
    marker = item.get_closest_marker("xdist_group")
    return str(marker.args[0]) if marker else None


def share_of(nodeid: str, group: str, tests_in_files: Counter[str]) -> str:
    """What goes to a worker in one piece with ``nodeid``: its group, its file, or the test alone.

    ``group`` is the name of its ``xdist_group``, or ``nodeid`` itself where it has none.
    """
    file = file_of(nodeid)
    is_of_its_file = group == MODULE or (group == nodeid and tests_in_files[file] > MANY)
    return file if is_of_its_file else group


def file_of(nodeid: str) -> str:
    """The file of a test."""
    return nodeid.partition("::")[0]


class Shares(LoadGroupScheduling):  # type: ignore[misc]  # xdist has no types for mypy
    """xdist's groups, and our shares where there is none, in the order of the tests."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    @cached_property
    def _tests_in_files(self) -> Counter[str]:
        return Counter(map(file_of, next(iter(self.registered_collections.values()))))

    def _split_scope(self, nodeid: str) -> str:
        return share_of(nodeid, super()._split_scope(nodeid), self._tests_in_files)

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        """Notes the end of a test, and forgets shares that are done: xdist counts all that it keeps at each end."""
        super().mark_test_complete(node, item_index, duration)
        share = self._split_scope(self.registered_collections[node][item_index])
        if all(self.assigned_work[node][share].values()):
            del self.assigned_work[node][share]

    def remove_node(self, node: WorkerController) -> str | None:
        """Gives the test that ended its worker, where there is one.

        It has failed: xdist would send it to the next worker, and so on, until none is left.
        """
        shares = self.assigned_work[node].values()
        fatal = next((test for share in shares for test, is_done in share.items() if not is_done), None)
        if fatal is not None:
            self.assigned_work[node][self._split_scope(fatal)][fatal] = True
        super().remove_node(node)
        return fatal
