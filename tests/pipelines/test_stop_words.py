"""The stop words of the thorough extraction: kept once, and what it finds with them is what it found without."""

from __future__ import annotations

import subprocess
import sys

from tests.end_to_end.river import ROOT

SCRIPT = """
from lxml.html import document_fromstring
from trafilatura import external
import justext.core

says = "Азаматтар референдумға қатысты, бұл туралы комиссия хабарлады, және сол күні дауыс берді. " * 4
page = f"<body><div><a href='/a'>Басты бет</a></div><p>{says}</p><div><p>The vote was held.</p></div>"

def found():
    return [p.text for p in external.try_justext(document_fromstring(page), None, None)]

before = found()
own_define = justext.core.define_stoplist
lowered = own_define(external.JT_STOPLIST)
from pipelines import stop_words
words = stop_words.keep()
assert stop_words.keep() is words and justext.core.define_stoplist(external.JT_STOPLIST) is words
assert justext.core.define_stoplist(("The", "AND")) == {"the", "and"}
assert words == lowered and len(words) > 100_000
assert found() == before and before
"""


def test_kept_stop_words_find_what_the_librarys_own_find() -> None:
    """The set is made once, holds every word of every language, and other lists are lowered as before."""
    subprocess.run([sys.executable, "-c", SCRIPT], check=True, cwd=ROOT)
