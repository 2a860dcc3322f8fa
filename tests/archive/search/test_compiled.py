"""The compiled dictionary and stemmer give what the ones in Python give: an archive may be moved between machines."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

from tests.end_to_end.river import ROOT

SCRIPT = """
import hashlib, re, sys
from pathlib import Path
if sys.argv[1] == "python":
    sys.modules |= {"dawg": None, "Stemmer": None}
import pymorphy3.dawg
from archive.search import analyser
places = ("archive/search/**/*.txt", "tests/newsroom/texts/**/*.txt", "docs/*.md")
files = [file for place in places for file in sorted(Path(".").glob(place)) if file.is_file()]
words = sorted({word for file in files for word in re.findall(r"[^\\W\\d_]+", file.read_text("utf-8").lower())})
digest = hashlib.sha256()
for manner in ("ru", "kk", "en"):
    bases = analyser._remembered(manner)
    digest.update("\\n".join(bases[word] for word in words).encode())
for word in words[::9]:
    digest.update(repr(analyser.asked(word, kazakh=False)).encode())
print(len(words) > 3000, digest.hexdigest())
print(pymorphy3.dawg.EXTENSION_AVAILABLE)
"""


@pytest.mark.skipif(not (find_spec("dawg") and find_spec("Stemmer")), reason="no compiled dictionary for this machine")
def test_compiled_and_plain_agree() -> None:
    """Every word of the project's own texts has the same base, and is asked for as the same bases."""
    compiled, plain = (
        subprocess.run(
            [sys.executable, "-c", SCRIPT, way], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.split("\n")
        for way in ("compiled", "python")
    )
    assert compiled[1:2] + plain[1:2] == ["True", "False"]
    assert compiled[0] == plain[0]
    assert compiled[0].startswith("True ")
