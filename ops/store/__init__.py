"""The record tables of a home: one writer at a time, whole batches or nothing, any number of readers."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ops.store.batch import Batch
    from ops.store.writer import TableStore
else:
    # What is exported, once it is asked for: whoever only asks the tables needs neither.
    _MODULES = {"Batch": "batch", "TableStore": "writer"}

    def __getattr__(name: str) -> object:
        if name in _MODULES:
            return getattr(import_module(f"ops.store.{_MODULES[name]}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ["Batch", "TableStore"]
