"""Turns the bytes of a page into text: what the page and its headers declare, checked against its letters."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from itertools import pairwise

DECLARATION_WINDOW = 4096
"""Bytes of the page's start in which a charset may be declared: four times what HTML asks for, heads have grown."""
SAMPLE_BYTES = 24_000
"""Bytes above ASCII, with their neighbours, that are enough to tell one code page from another."""

UNICODE_CODECS = frozenset({"utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"})
CYRILLIC_CODECS = ("cp1251", "kz1048", "ptcp154", "koi8-r", "koi8-u", "cp866", "cp855", "mac-cyrillic", "iso8859-5")
MULTIBYTE_CODECS = ("euc_jp", "shift_jis", "euc_kr", "johab", "gb18030", "big5", "iso2022_jp", "iso2022_kr")
OTHER_ALPHABET_CODECS = ("iso8859-7", "cp1253", "cp1255", "cp1256")
"""Code pages that are judged by their letters beside the Cyrillic ones, so that Greek is not read as bad Russian."""
LATIN_ALPHABETS = (
    # First the commoner: letters alone cannot part them when the text holds few.
    ("cp1252", "äöüßéèêëàâçùûîïôœáíóúñãõåæøìòýðþÿ¿¡"),
    ("cp1250", "áčďéěíňóřšťúůýž"),
    ("iso8859-2", "áčďéěíňóřšťúůýž"),
    ("cp1250", "áäčďéíĺľňóôŕšťúýž"),
    ("iso8859-2", "áäčďéíĺľňóôŕšťúýž"),
    ("cp1250", "ąćęłńóśźż"),
    ("iso8859-2", "ąćęłńóśźż"),
    ("cp1250", "áéíóöőúüű"),
    ("iso8859-2", "áéíóöőúüű"),
    ("cp1250", "čćđšž"),
    ("iso8859-2", "čćđšž"),
    ("cp1250", "ăâîşţ"),
    ("cp1254", "çğıöşüâî"),
    ("cp1257", "āčēģīķļņšūžąęėįųõäöü"),
)
ALLOWED_CODECS = UNICODE_CODECS | {
    codecs.lookup(name).name
    for name in (
        *CYRILLIC_CODECS,
        *MULTIBYTE_CODECS,
        *("koi8-t", "cp1125", "mac-greek", "mac-latin2", "mac-roman", "mac-turkish"),
        *("cp1250", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874", "tis-620"),
        *(f"iso8859-{n}" for n in (1, 2, 3, 4, 6, 7, 8, 9, 10, 13, 14, 15, 16)),
        *("cp932", "cp949", "gbk", "gb2312", "big5hkscs", "hz", "euc_jis_2004", "shift_jis_2004", "ascii"),
    )
}
"""Codecs a page may name. Python also has idna, punycode, zlib, hex and rot13 under the same roof: naming one of
those lost the page."""

WEB_LABELS = {
    # The WHATWG Encoding Standard reads these labels as their supersets, and pages rely on it.
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "tis-620": "cp874",
    "utf-16": "utf-16-le",
    "utf-32": "utf-32-le",
}
ALIASES = {
    "pt154": "ptcp154",
    "cp154": "ptcp154",
    "kz-1048": "kz1048",
    "rk1048": "kz1048",
    "strk1048-2002": "kz1048",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "x-mac-cyrillic": "mac-cyrillic",
    "maccyrillic": "mac-cyrillic",
    "x-cp1251": "cp1251",
    "win-1251": "cp1251",
    "win1251": "cp1251",
    "cp-1251": "cp1251",
    "dos-866": "cp866",
    "utf8mb4": "utf-8",
    "unicode": "utf-8",
    "x-gbk": "gb18030",
    "x-euc-jp": "euc_jp",
    "x-euc-kr": "cp949",
    "windows-874": "cp874",
    "windows-949": "cp949",
    "iso-8859-8-i": "iso8859-8",
    "big5-eten": "big5",
}

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

HTTP_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
XML_DECLARATION = re.compile(
    rb"^\s*<\?xml\s[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,40})[\"']", re.IGNORECASE
)
META_CHARSET = re.compile(rb"<meta\s[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)

# Natural logarithms of the letters' shares in running text, the mean of Russian and Kazakh where both have the letter.
# The order is what matters; the values are rounded from the published frequency tables of both languages.
LETTER_WEIGHTS = {
    letter: weight
    for letters, weight in (
        ("аеонитсрл", -2.7),
        ("вкмдпуыяьгзбк", -3.8),
        ("йчшхжюцщ", -4.8),
        ("фэъё", -6.2),
        ("қңғәөүұі", -4.0),
        ("һ", -7.5),
        ("їєґў", -6.6),
        ("јљњћђџѕќѓ", -8.0),
        ("αοιετσνηυρπκμλως", -3.0),
        ("άίόέήύώγδβθφχξζψ", -4.6),
        ("יוהלאמבשרתםןנדעחפקכצגטזסךףץ", -3.2),
        ("اليمنرتبودعسفكهةحقجشصخطأزضىثذغءإئؤظآ", -3.3),
    )
    for letter in letters
}
TYPOGRAPHY = frozenset("«»—–“”„…№’‘\u00a0\u00ad©•·°‑")
TYPOGRAPHY_WEIGHT = -5.0
OTHER_LETTER_WEIGHT = -10.0
SYMBOL_WEIGHT = -11.0
CONTROL_WEIGHT = -13.0
CASE_FLIP_WEIGHT = -6.0
"""A capital straight after a small letter: the mark of one Cyrillic code page read as another."""
ALPHABETIC_ENOUGH = -4.6
"""Mean weight from which text counts as written in one of the alphabets: right readings stay above -4, wrong ones
below -5.5."""
LATIN_ENOUGH = 0.8
"""Share of the letters above ASCII that must belong to the language's alphabet."""
CLEARLY_BETTER = 0.08
"""How much better, a letter, another code page must read before it beats the declared one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A page's text, the codec that read it, where that codec came from and what was wrong on the way."""

    text: str
    codec: str
    source: str
    notes: tuple[str, ...] = ()
    encoded: bytes | None = None
    """The text in UTF-8, where the page was that already."""


def codec_of(label: str | bytes | None) -> str | None:
    """Return the Python codec a charset label stands for on the web, or None for an unknown or forbidden label."""
    if not label:
        return None
    name = (label.decode("ascii", "ignore") if isinstance(label, bytes) else label).strip(" \t\"'").lower()
    try:
        found = codecs.lookup(ALIASES.get(name, name)).name
    except (LookupError, ValueError):
        return None
    found = {"utf-8-sig": "utf-8", "utf_8_sig": "utf-8"}.get(found, found)
    found = WEB_LABELS.get(found, found)
    return found if found in ALLOWED_CODECS else None


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """Decode `body` by its mark, the HTTP header, its meta or XML declaration or, failing these, its letters.

    Never raises: bytes that fit nothing become U+FFFD and a note says so. NUL and lone surrogates are taken out.
    """
    for mark, marked in BOMS:
        if body.startswith(mark):
            return _read(body[len(mark) :], marked, "byte order mark", ())
    head = body[:DECLARATION_WINDOW]
    notes: list[str] = []
    declared: list[tuple[str, str]] = []
    for source, label in _labels(head, content_type):
        codec = codec_of(label)
        if codec is None:
            notes.append(f"charset {label[:40]!r} from {source} is not one that a page may use")
        elif codec not in (known for known, _ in declared):
            declared.append((codec, source))
    if body.isascii() and not any(codec.startswith(("iso2022", "hz", "utf-16", "utf-32")) for codec, _ in declared):
        if b"\x1b$" in body:
            declared.append(("iso2022_kr" if b"\x1b$)C" in body else "iso2022_jp", "escape sequences"))
        elif b"\x00" not in body[:64]:
            return _utf8(body, body.decode("ascii"), declared[0][1] if declared else "plain ASCII", tuple(notes))
    wide = _wide_codec(head)
    if wide:
        return _read(body, wide, "zero bytes", tuple(notes))
    whole = _utf8_text(body)
    for codec, source in declared:
        if codec.startswith(("utf-16", "utf-32")):
            continue  # a page whose declaration could be read in ASCII is not in UTF-16
        if codec == "utf-8" and whole is not None:
            return _utf8(body, whole, source, tuple(notes))
        if _fits(body, codec, whole):
            return _read(body, codec, source, tuple(notes))
        notes.append(f"charset {codec} from {source} does not fit the bytes")
    if whole is not None:
        return _utf8(body, whole, "its bytes", tuple(notes))
    if _nearly_utf8(body):
        return _read(body, "utf-8", "its bytes", tuple(notes))
    guess = _by_letters(body, declared[0][0] if declared else None)
    if guess:
        return _read(body, guess, "its letters", tuple(notes))
    fallback = next((codec for codec, _ in declared), "utf-8")
    return _read(body, fallback, "nothing better", tuple(notes))


def _labels(head: bytes, content_type: str | None) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if content_type and (match := HTTP_CHARSET.search(content_type[:300])):
        found.append(("HTTP", match[1]))
    if declared := META_CHARSET.search(head):
        found.append(("meta", declared[1].decode("ascii")))
    if declared := XML_DECLARATION.search(head):
        found.append(("XML declaration", declared[1].decode("ascii")))
    return found


def _utf8(body: bytes, text: str, source: str, notes: tuple[str, ...]) -> Decoded:
    """Return what UTF-8 bytes are as text, which is known already: most pages of the web."""
    if b"\x00" in body:
        body, text = body.replace(b"\x00", b""), text.replace("\x00", "")
    return Decoded(text=text, codec="utf-8", source=source, notes=_with_loss(notes, text, "utf-8"), encoded=body)


def _with_loss(notes: tuple[str, ...], text: str, codec: str) -> tuple[str, ...]:
    lost = text.count("\ufffd")
    return (*notes, f"{lost} characters could not be decoded as {codec}") if lost else notes


def _read(body: bytes, codec: str, source: str, notes: tuple[str, ...]) -> Decoded:
    text = body.decode(codec, "replace")
    notes = _with_loss(notes, text, codec)
    if "\x00" in text:
        text = text.replace("\x00", "")
    if codec not in UNICODE_CODECS or codec.startswith("utf-32"):
        text = text.encode("utf-8", "replace").decode("utf-8") if _has_surrogates(text) else text
    return Decoded(text=text, codec=codec, source=source, notes=notes)


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _wide_codec(head: bytes) -> str | None:
    """Return UTF-16 or UTF-32 for bytes without a mark whose zeros give the width away."""
    if len(head) < 8 or b"\x00" not in head:
        return None
    usable = head[: len(head) // 4 * 4]
    try:
        usable.decode("utf-32-le" if usable[3] == 0 else "utf-32-be")
    except UnicodeDecodeError:
        widths = ("utf-16-le", "utf-16-be")
    else:
        widths = ("utf-32-le", "utf-32-be")
    zeros = [usable[offset::4].count(0) / (len(usable) // 4) for offset in range(4)]
    little, big = widths
    if widths[0] == "utf-32-le":
        return little if zeros[3] > 0.9 else big
    if min(zeros[1], zeros[3]) > 0.2 and max(zeros[0], zeros[2]) < 0.1:
        return little
    if min(zeros[0], zeros[2]) > 0.2 and max(zeros[1], zeros[3]) < 0.1:
        return big
    return None


def _fits(body: bytes, codec: str, whole: str | None) -> bool:
    """Tell whether bytes read as `codec` make sense, and, of Cyrillic code pages, the best sense.

    `whole` is what they are as UTF-8, if they are that.
    """
    if codec == "utf-8":
        return _nearly_utf8(body)
    if codec in MULTIBYTE_CODECS or codec in ("cp932", "cp949", "gb18030"):
        text = body.decode(codec, "replace")
        return text.count("\ufffd") * 200 < len(text)
    if whole is not None and len(whole) < len(body):
        return False  # several well-formed multi-byte characters do not happen in a single-byte page
    if codec in CYRILLIC_CODECS:
        return _by_letters(body, codec) == codec
    # A Western label on Cyrillic bytes is a server's default, not the page's charset.
    return codec not in ("cp1252", "cp1254", "iso8859-15") or _alphabetic_codec(_sample(body), None) is None


def _utf8_text(body: bytes) -> str | None:
    """Return bytes that are UTF-8 throughout as text, others as None."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _nearly_utf8(body: bytes) -> bool:
    """Tell whether bytes that are not UTF-8 throughout are so but for a few places."""
    broken = body.decode("utf-8", "replace").count("\ufffd")
    above_ascii = len(body) - len(body.translate(None, bytes(range(0x80, 0x100))))
    return broken * 20 < above_ascii  # one bad sequence in a long page is a cut, not another charset


def _sample(body: bytes) -> bytes:
    """Return the words of `body` that hold bytes above ASCII, up to SAMPLE_BYTES."""
    words: list[bytes] = []
    size = 0
    for match in re.finditer(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*", body):
        words.append(match[0][:200])
        size += len(words[-1]) + 1
        if size > SAMPLE_BYTES:
            break
    return b" ".join(words)


def _by_letters(body: bytes, declared: str | None) -> str | None:
    sample = _sample(body)
    if not sample:
        return declared
    alphabetic = _alphabetic_codec(sample, declared)
    if alphabetic:
        return alphabetic
    latin = _latin_codec(sample)
    if latin:
        return latin
    if declared in CYRILLIC_CODECS and _weight(sample, declared) > ALPHABETIC_ENOUGH - 2:
        return declared  # Serbian, Macedonian, or hardly any text to judge by
    import charset_normalizer  # few pages need it

    best = charset_normalizer.from_bytes(body[: 8 * SAMPLE_BYTES]).best()
    return codec_of(best.encoding) if best else None


def _alphabetic_codec(sample: bytes, declared: str | None) -> str | None:
    """Return the code page that reads `sample` as the best Russian, Kazakh, Greek, Hebrew or Arabic, or None."""
    candidates = (*CYRILLIC_CODECS, *OTHER_ALPHABET_CODECS)
    weights = {codec: _weight(sample, codec) for codec in candidates}
    if declared in weights:
        weights[declared] += CLEARLY_BETTER
    best = max(candidates, key=lambda codec: weights[codec])
    return best if weights[best] > ALPHABETIC_ENOUGH else None


def _latin_codec(sample: bytes) -> str | None:
    """Return the code page under which nearly all letters above ASCII belong to one European language, or None."""
    above = [byte for byte in sample if byte >= 0x80]
    ascii_letters = len(sample) - len(above)
    if ascii_letters < len(above):
        return None
    best: str | None = None
    best_share = LATIN_ENOUGH
    for codec, alphabet in LATIN_ALPHABETS:
        text = bytes(above).decode(codec, "replace")
        share = sum(character.lower() in alphabet or character in TYPOGRAPHY for character in text) / len(text)
        if share > best_share + 1e-9:
            best, best_share = codec, share
    return best


def _weight(sample: bytes, codec: str) -> float:
    """Return the mean weight of the sample's letters read as `codec`, ASCII letters inside words counted against it."""
    total = 0.0
    count = 0
    for before, after in pairwise(" " + sample.decode(codec, "replace")):
        if after == " ":
            continue
        count += 1
        if after in TYPOGRAPHY:
            total += TYPOGRAPHY_WEIGHT
        elif after.isalpha():
            small = after.lower()
            total += LETTER_WEIGHTS.get(small, OTHER_LETTER_WEIGHT)
            if after != small and before.isalpha() and before == before.lower():
                total += CASE_FLIP_WEIGHT
        else:
            total += CONTROL_WEIGHT if after < "\xa0" or after == "\ufffd" else SYMBOL_WEIGHT
    return total / count if count else SYMBOL_WEIGHT
