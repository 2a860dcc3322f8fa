"""The one base class of every error that is the user's or the world's to mend, not a bug."""

from __future__ import annotations


class DauysError(Exception):
    """Raised where a command ends with one plain line on stderr instead of a traceback."""
