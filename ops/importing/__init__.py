"""Importing machines from lists: read, previewed, taken over in one transaction, and followed where that is wanted."""

from ops.importing.applying import ImportOutcome, apply_import
from ops.importing.previewing import preview_import

__all__ = ["ImportOutcome", "apply_import", "preview_import"]
