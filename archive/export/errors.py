"""What can stop an export."""

from __future__ import annotations

from archive.errors import DauysError


class ExportError(DauysError):
    """Raised when a package cannot be written: the folder is taken, the disk is full, a value fits no column."""
