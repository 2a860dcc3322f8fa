"""A search from the shell starts light: it is over in the time that loading what it does not need would take."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HEAVY = (
    "asyncio", "dateutil", "email", "importlib.metadata", "numpy", "pandas", "pluggy", "pymorphy3", "rich",
    "sqlite_utils",
)  # fmt: skip
SCRIPT = f"""
import json, sys
from archive.cli import cli
cli(sys.argv[1:], standalone_mode=False)
print(json.dumps([name for name in {HEAVY} if name in sys.modules]))
"""


def test_a_search_loads_what_it_needs(pressed: Path) -> None:
    """For a word that a dictionary has: no tables and no guessing, no arrays and no e-mail."""
    command = ["search", "референдум", "--json", "--archive", str(pressed)]
    done = subprocess.run([sys.executable, "-c", SCRIPT, *command], check=True, capture_output=True, text=True)
    *hits, loaded = map(json.loads, done.stdout.splitlines())
    assert hits
    assert loaded == []
