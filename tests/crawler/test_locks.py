from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.locks import DomainLocks

HOLD = """
import sys, pathlib, time
from crawler.locks import DomainLocks
locks = DomainLocks(pathlib.Path(sys.argv[1]))
print(locks.take("outlet.example"), flush=True)
time.sleep(600)
"""
ROOT = Path(__file__).resolve().parents[2]


def test_a_domain_has_one_holder(tmp_path: Path) -> None:
    one, two = DomainLocks(tmp_path / "locks"), DomainLocks(tmp_path / "locks")
    assert one.take("a.example")
    assert one.take("a.example")
    assert not two.take("a.example")
    assert two.take("b.example")
    one.release()
    assert two.take("a.example")
    two.release()


def test_a_killed_crawl_leaves_its_domain_free(tmp_path: Path) -> None:
    locks = DomainLocks(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        assert not locks.take("outlet.example")
        other.send_signal(signal.SIGKILL)
        other.wait(10)
        assert locks.take("outlet.example")
    locks.release()


@given(st.text(min_size=1, max_size=300))
@settings(deadline=None, max_examples=100)
def test_no_name_from_the_web_leaves_the_folder(domain: str) -> None:
    folder = Path("/srv/archive/locks")
    path = DomainLocks(folder).path(domain.encode("utf-8", "replace").decode())
    assert path.parent == folder
    assert path.resolve() == path


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "locks").write_text("a file")
    with pytest.raises(OSError, match="exists"):
        DomainLocks(tmp_path / "locks").take("a.example")
