"""Decoding: marks, headers, declarations, letters, and the labels that a page must not use."""

from __future__ import annotations

import tarfile
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.charset import ALLOWED_CODECS, codec_of, decode

KAZAKH = (
    "Жаңа көпір ашылғаннан кейін қала тұрғындары өзеннің екінші жағасына он минутта жететін болды. Құрылыс үш жылға "
    "созылды, оған жүзге жуық жұмысшы қатысты. Әкімдіктің хабарлауынша, келесі көктемде көпірдің жанынан шағын бақ "
    "отырғызылады. Һәм балаларға арналған алаң да салынбақ."
)
RUSSIAN = (
    "Мост через реку открыли в субботу утром, и первые пешеходы перешли его ещё до официальной "
    "церемонии. Строительство "
    "длилось три года. Объём работ вырос из-за паводка, сообщили в акимате."
)
PAGE = '<html><head>{head}<title>т</title></head><body><p lang="x">{text}</p></body></html>'


@pytest.mark.parametrize("codec", ["kz1048", "ptcp154", "utf-8", "utf-16"])
@pytest.mark.parametrize(
    "declared", ["", '<meta charset="windows-1251">', '<meta charset="utf-8">', '<meta charset="x-unknown">']
)
def test_kazakh_is_read_whatever_the_page_declares(codec: str, declared: str) -> None:
    """Kazakh text comes out letter by letter with a missing, a wrong and an unknown declaration."""
    page = PAGE.format(head=declared, text=KAZAKH)
    assert decode(page.encode(codec)).text == page


@pytest.mark.parametrize("codec", ["cp1251", "koi8-r", "koi8-u", "cp866", "cp855", "iso8859-5", "mac-cyrillic"])
@pytest.mark.parametrize("declared", ["", '<meta charset="utf-8">', '<meta charset="iso-8859-1">'])
def test_russian_is_read_whatever_the_page_declares(codec: str, declared: str) -> None:
    """Russian text comes out letter by letter from every Cyrillic code page without its right name."""
    page = PAGE.format(head=declared, text=RUSSIAN)
    assert decode(page.encode(codec)).text == page


@pytest.mark.parametrize("codec", ["cp1251", "koi8-r", "cp866", "mac-cyrillic", "iso8859-5"])
def test_kazakh_cut_down_to_a_code_page_without_its_letters(codec: str) -> None:
    """What is left of Kazakh in a code page without its letters is still read as that code page."""
    page = PAGE.format(head="", text=KAZAKH).encode(codec, "ignore")
    assert decode(page).text == page.decode(codec)


def test_kazakh_in_cp1251_keeps_its_dotted_i() -> None:
    """A page declared windows-1251 that holds Russian and the Kazakh і stays windows-1251."""
    page = PAGE.format(head='<meta charset="windows-1251">', text=RUSSIAN + " Іле, Үлбі".replace("Ү", ""))
    assert decode(page.encode("cp1251")).codec == "cp1251"


def test_order_of_trust() -> None:
    """The byte order mark goes before the header, the header before the meta tag."""
    text = PAGE.format(head='<meta charset="koi8-r">', text=RUSSIAN)
    assert decode(b"\xef\xbb\xbf" + text.encode(), "text/html; charset=cp1251").source == "byte order mark"
    found = decode(text.encode("cp1251"), "text/html; charset=windows-1251")
    assert (found.text, found.source) == (text, "HTTP")
    assert decode(text.encode("koi8-r")).source == "meta"
    xml = f"<?xml version='1.0' encoding='koi8-r'?><rss>{RUSSIAN}</rss>"
    assert decode(xml.encode("koi8-r")).source == "XML declaration"


@pytest.mark.parametrize(
    "label",
    ["idna", "punycode", "zlib", "hex", "rot13", "base64", "bz2", "uu", "quopri", "unicode_escape", "utf-7", ""],
)
def test_codecs_that_are_no_charsets_are_refused(label: str) -> None:
    """Python's other codecs are never used for a page; the page is read and a note tells."""
    assert codec_of(label) is None
    page = PAGE.format(head=f'<meta charset="{label}">', text=KAZAKH)
    found = decode(page.encode())
    assert found.text == page
    assert not label or any("may use" in note for note in found.notes)


def test_labels_are_read_as_browsers_read_them() -> None:
    """The names that pages use lead to the codec that browsers use."""
    assert codec_of("ISO-8859-1") == "cp1252"
    assert codec_of("windows-1251") == codec_of("win-1251") == "cp1251"
    assert codec_of("KZ-1048") == codec_of("STRK1048-2002") == "kz1048"
    assert codec_of("PT154") == "ptcp154"
    assert codec_of("utf8") == codec_of("UTF-8") == "utf-8"


def test_a_cut_sequence_does_not_change_the_charset() -> None:
    """A page cut in the middle of a character stays UTF-8, and a note says what was lost."""
    found = decode(KAZAKH.encode() * 3 + "қ".encode()[:1])
    assert found.codec == "utf-8"
    assert "could not be decoded" in found.notes[0]


@given(st.binary(max_size=400), st.sampled_from(["", "text/html; charset=cp1251", "charset=zlib", "charset=utf-16"]))
@settings(max_examples=150, deadline=None)
def test_any_bytes_give_storable_text(body: bytes, content_type: str) -> None:
    """No bytes raise, and the text can be stored as UTF-8 without NUL."""
    found = decode(body, content_type)
    found.text.encode("utf-8")
    assert "\x00" not in found.text
    assert found.codec in ALLOWED_CODECS


def test_corpus_of_cyrillic_feeds(shared_data: Path) -> None:
    """Every feed of the corpus is read as its folder says, and alike from all encodings it is kept in."""
    with tarfile.open(shared_data / "encoding" / "chardet_cyrillic.tar.xz") as archive:
        names = {"MacCyrillic": "mac-cyrillic", "IBM855": "cp855", "IBM866": "cp866"}
        texts: defaultdict[str, set[str]] = defaultdict(set)
        for member in archive:
            if not member.isfile() or "/" not in member.name or member.name.count("/") > 1:
                continue
            folder, name = member.name.split("/")
            codec = folder.removesuffix("-russian").removesuffix("-bulgarian")
            file = archive.extractfile(member)
            assert file is not None
            body = file.read()
            found = decode(body)
            expected = body.decode(names.get(codec, codec), "replace").removeprefix("\ufeff").replace("\x00", "")
            assert found.text == expected, member.name
            texts[name].add(found.text)
    assert len(texts) > 20
