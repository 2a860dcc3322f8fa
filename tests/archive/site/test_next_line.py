"""The site works on the coming 1.0 line of Datasette as on the stable 0.65: the same tests, run with the other one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
HERE = Path(__file__).parent
NEXT = ROOT / ".venv" / "next"
SECONDS = 500


def test_the_site_works_on_the_coming_line(tmp_path: Path) -> None:
    """`make check` puts Datasette 1.0 into a folder of its own, which is looked into before the environment."""
    if not (NEXT / "datasette").is_dir():
        reason = f"Datasette's coming line is not in {NEXT.relative_to(ROOT)}; make check puts it there"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    environment = os.environ | {"PYTHONPATH": str(NEXT)}
    asked = [sys.executable, "-c", "import datasette.version as v; print(v.__version__)"]
    version = subprocess.run(asked, env=environment, capture_output=True, text=True, check=True).stdout
    assert version.startswith("1.")
    tests = [HERE / "test_app.py", HERE / "test_pages.py"]
    # its plugin for pytest would close the sites that several tests ask
    options = ("-q", "-x", "-p", "no:cacheprovider", "-o", "datasette_autoclose=false")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, f"--basetemp={tmp_path / 'next'}", *tests],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-3000:]
    assert " passed" in run.stdout
