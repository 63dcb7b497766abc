"""The record tables of a home: one writer at a time, whole batches or nothing, any number of readers."""

from ops.store.batch import Batch
from ops.store.writer import TableStore

__all__ = ["Batch", "TableStore"]
