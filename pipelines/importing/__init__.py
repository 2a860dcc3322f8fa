"""Articles and pages that others collected, into an archive: what `python -m pipelines import` does."""

from __future__ import annotations

from pipelines.importing.outcome import Imported, ImportFileError, ImportRules
from pipelines.importing.package import import_package
from pipelines.importing.running import import_file

__all__ = ["ImportFileError", "ImportRules", "Imported", "import_file", "import_package"]
