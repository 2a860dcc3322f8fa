"""Characters that no tree may hold are taken out of a page before it is parsed, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from pipelines.harmless import harmless


@pytest.mark.parametrize("source", ["\x01", "\x1b[31m", "\ufffe", "&#1;", "&#x1B;", "&#0031", "&#xFFFE;", "&#65535;"])
def test_a_forbidden_character_goes_in_each_spelling(source: str) -> None:
    """What is left can be written as XML."""
    tree = etree.HTML(harmless(f"<p>до{source}после</p>".encode()), etree.HTMLParser(encoding="utf-8"))
    element = etree.Element("p")
    element.text = "".join(tree.itertext())
    assert element.text.startswith("до")
    assert element.text.endswith("после")


@pytest.mark.parametrize("source", ["&#10;", "&#9;", "&#x41;", "&#1055;", "&#x10FFFF;", "&amp;#1;", "&#19;0"])
def test_other_references_stay(source: str) -> None:
    """Those of letters, of white space and of what only looks like one; a number is read whole."""
    expected = b"0" if source == "&#19;0" else source.encode()
    assert harmless(source.encode()) == expected


@given(st.text(st.characters(min_codepoint=32, blacklist_categories=["Cs"], blacklist_characters="&\ufffe\uffff")))
def test_text_stays_as_it_is(text: str) -> None:
    """Bytes of longer characters are no controls."""
    assert harmless(text.encode()) == text.encode()
