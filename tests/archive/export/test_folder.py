"""A folder with the name of a package is a whole package, and nobody's files are written over."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.export.errors import ExportError
from archive.export.folder import whole_folder
from tests.archive.export.conftest import lines


def test_an_earlier_package_is_replaced(packed: Callable[..., Path]) -> None:
    """All of it: no table of the earlier one is left among the new ones."""
    folder = packed(formats=("jsonl", "parquet"))
    packed(formats=("jsonl",), languages=("kk",))
    assert [row["id"] for row in lines(folder, "articles")] == [2]
    assert not list(folder.glob("*.parquet"))
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_package_with_something_of_ones_own_in_it_is_kept(packed: Callable[..., Path]) -> None:
    folder = packed()
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(ExportError, match=r"notes\.txt"):
        packed(languages=("kk",))
    assert len(lines(folder, "articles")) == 11


def test_any_other_folder_or_file_is_refused(packed: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.docx").write_text("mine")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ExportError, match="something else in this folder"):
        packed("full")
    with pytest.raises(ExportError, match="no folder"):
        packed("file")
    (tmp_path / "empty").mkdir()
    assert len(lines(packed("empty"), "articles")) == 11


def test_a_failed_export_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with whole_folder(tmp_path / "new" / "package") as folder:
            (folder / "articles.csv").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert not list((tmp_path / "new").iterdir())


def test_a_failed_export_leaves_the_earlier_package(packed: Callable[..., Path]) -> None:
    folder = packed()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def fail() -> None:
        with whole_folder(folder) as part:
            (part / "articles.csv").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


KILLED = """
import sys, time
from pathlib import Path
from archive.export.folder import whole_folder
with whole_folder(Path(sys.argv[1])) as folder:
    (folder / "articles.csv").write_text("half")
    print("writing", flush=True)
    time.sleep(600)
"""


def test_an_export_that_is_killed_is_no_package(packed: Callable[..., Path], tmp_path: Path) -> None:
    """What it leaves has another name, another export takes it away, and no two write in one place at once."""
    child = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path / "package")], stdout=subprocess.PIPE)
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == b"writing\n"
        with pytest.raises(ExportError, match="another export writes here"):
            packed()
        assert (tmp_path / "package.part" / "articles.csv").read_text() == "half"
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()
    assert not (tmp_path / "package").exists()
    assert len(lines(packed(), "articles")) == 11
    assert [path.name for path in tmp_path.iterdir()] == ["package"]


def test_a_part_folder_with_folders_in_it_is_somebodys(packed: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "package.part" / "photos").mkdir(parents=True)
    with pytest.raises(ExportError, match="in the way"):
        packed()
    assert (tmp_path / "package.part" / "photos").is_dir()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_told(packed: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(ExportError, match="cannot be written"):
        packed("closed/package")
    shutil.rmtree(tmp_path / "closed")
