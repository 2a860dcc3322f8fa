"""Tells an article's language from its own words, never from its outlet, and the script it is written in."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Any

from archive.records import Script

SAMPLE_CHARS = 1_200
"""Characters that are looked at: the model reads them in half a millisecond, a whole text in 2.5."""
LONG_ENOUGH = 200
"""Characters from which another language than Kazakh, Russian or English may be called by its name."""
CONFIDENT = 0.75
"""Probability from which the unrestricted model is believed about another language."""
FEWEST_LETTERS = 3
"""Letters below which nothing is said of a language."""

OURS = ("kk", "ru", "en")
_KAZAKH_LETTERS = frozenset("әғқңөұүһі")
_KAZAKH_OWN = frozenset("ғқұ")
"""Letters of Kazakh that its neighbours in Cyrillic lack, but for Uzbek, which has no ә, ө, ү, і."""
_RUSSIAN_OWN = frozenset("щъэёы")
_FOREIGN_CYRILLIC = {
    "uk": frozenset("їєґ"), "be": frozenset("ўі"), "tt": frozenset("җ"), "ba": frozenset("ҡҫҙ"), "uz": frozenset("ўҳ"),
    "tg": frozenset("ҷӣӯҳ"), "sr": frozenset("ђћјљњџ"), "mk": frozenset("ѓќѕјљњџ"),
}  # fmt: skip
_CYRILLIC_CODES = frozenset(
    {"kk", "ru", "ky", "uk", "be", "bg", "tt", "ba", "uz", "tg", "sr", "mk", "mn", "cv", "os", "ce", "sah", "tyv"}
)

# Frequent words of Kazakh in the Latin alphabets of 2018, 2019 and 2021 and as people type it without a keyboard.
_LATIN_KAZAKH_WORDS = """
jáne jäne zhane jane men pen ben bul sol osy úshin üşin ushin turaly týraly boldy boladı bolady bolyp bolıp degen dep
edi eken joq bar kerek qazaq qazaqstan qazaqstannyń qazaqstannyñ respýblıkasy respublikasy memleket memlekettik
el eldiń eldiñ halyq halıq jyl jyly jylı jylǵy jylğy kún kün boıynsha boıynşa boiynşa boiynsha arqyly arqılı
sondaı-aq sondai keıin keıinin keiin ótti ötti aıtty aitty atap barlyq barlıq onyń onyñ onıñ biz olar kóp köp jańa
jaña úlken ülken adam adamdar ýaqyt uaqyt qala qalasy qalasynda almaty astana
"""
_LATIN_KAZAKH = frozenset(_LATIN_KAZAKH_WORDS.split())
_RUSSIAN = frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюя")
_SMALL_WORDS = {
    "ru": """и в не на что с по для из как это от за о к у но его был была было были будет также который которые
    которая при до или если уже том их она он мы они со ко об ещё еще так же того чтобы""",
    "en": """the of and to in a is that for on was with as by it at from be he his has are said have an not but who
    which will were this their its been she her they had or""",
}
_RUSSIAN_WORDS, _ENGLISH_WORDS = (frozenset(words.split()) for words in _SMALL_WORDS.values())
_WORD = re.compile(r"[^\W\d_]+")
_ROMANCE_Q = re.compile("qu[eéèêiíao]", re.IGNORECASE)
_LATIN_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?")


def identify(text: str) -> tuple[str | None, Script | None]:
    """Return the language code (ISO 639-1 where there is one) and the script of `text`; None where nothing can be told.

    Kazakh, Russian and English are decided among themselves; another language is named only on LONG_ENOUGH
    characters and with confidence. Kazakh is recognised in its Cyrillic, Latin and Arabic alphabets.
    """
    sample = unicodedata.normalize("NFC", text[: 2 * SAMPLE_CHARS])[:SAMPLE_CHARS]
    characters = Counter(sample.lower())
    letters = Counter({character: count for character, count in characters.items() if character.isalpha()})
    total = letters.total()
    if total < FEWEST_LETTERS:
        return None, None
    scripts = Counter[str]()
    for letter, count in letters.items():
        scripts[_script(letter)] += count
    script, _ = scripts.most_common(1)[0]
    if script == "Cyrl":
        return _cyrillic(sample, letters), "Cyrl"
    if script == "Arab":
        return _arabic(sample, letters), "Arab"
    if script == "Latn":
        # Russian and Kazakh pages full of Latin names stay what their sentences are.
        if scripts["Cyrl"] > 0.3 * total:
            return _cyrillic(sample, letters), "Cyrl"
        return _latin(sample, letters), "Latn"
    ranking = _ranking(sample)
    return (ranking[0][0] if ranking[0][1] >= CONFIDENT else None), None


def _script(letter: str) -> str:
    point = ord(letter)
    if point < 0x250 or 0x1E00 <= point < 0x1F00:
        return "Latn"
    if 0x400 <= point < 0x530:
        return "Cyrl"
    if 0x600 <= point < 0x780 or 0xFB50 <= point < 0xFE00 or 0xFE70 <= point < 0xFF00:
        return "Arab"
    return "other"


def _cyrillic(sample: str, letters: Counter[str]) -> str | None:
    cyrillic = sum(count for letter, count in letters.items() if _script(letter) == "Cyrl")
    kazakh = sum(letters[letter] for letter in _KAZAKH_LETTERS) / cyrillic
    own = sum(letters[letter] for letter in _KAZAKH_OWN) / cyrillic
    surely_kazakh = own > 0.02 and letters["і"] + letters["ә"] > 0.01 * cyrillic
    if surely_kazakh and kazakh > 0.05:
        return "kk"
    if len(sample) >= LONG_ENOUGH:
        if _is_plain_russian(sample, letters, cyrillic):
            return "ru"
        ranking = _ranking(sample)
        code, probability = next((code, probability) for code, probability in ranking if code in _CYRILLIC_CODES)
        foreign = code not in OURS and probability >= CONFIDENT
        if foreign and not surely_kazakh:
            return code
        if kazakh < 0.01 and sum(letters[letter] for letter in _FOREIGN_CYRILLIC["uk"]) > 0.01 * cyrillic:
            return "uk"
    # A word or two of names does not make a text Kazakh, a twentieth of its letters does.
    if kazakh > 0.05 and own > 0.005:
        return "kk"
    if kazakh < 0.005 and sum(letters[letter] for letter in _RUSSIAN_OWN) > 0:
        return "ru"
    return next(code for code, _ in _ranking(sample) if code in ("kk", "ru"))


def _is_plain_russian(sample: str, letters: Counter[str], cyrillic: int) -> bool:
    """Tell Russian by its own letters alone, by ы, which no Slavic neighbour writes without і, and by its small words.

    Three of four articles need no model then, which takes 70 MB and most of a second to load.
    """
    if letters["ы"] < 0.005 * cyrillic or sum(letters[letter] for letter in _RUSSIAN) < cyrillic:
        return False
    words = [word for word in _WORD.findall(sample.lower()) if word[0] >= "Ѐ"]
    return sum(word in _RUSSIAN_WORDS for word in words) >= 0.1 * len(words)


def _is_plain_english(sample: str) -> bool:
    """Tell English by its small words, the, of and and among them, which are no other language's."""
    words = _WORD.findall(sample.lower())
    small = Counter(word for word in words if word in _ENGLISH_WORDS)
    own = small["the"] + small["of"] + small["and"]
    return small.total() >= 0.25 * len(words) and own >= 0.06 * len(words) and small["the"] > 0


def _latin(sample: str, letters: Counter[str]) -> str | None:
    if _is_latin_kazakh(sample, letters):
        return "kk"
    if len(sample) >= LONG_ENOUGH and _is_plain_english(sample):
        return "en"
    ranking = _ranking(sample)
    code, probability = ranking[0]
    if len(sample) >= LONG_ENOUGH:
        return code if probability >= CONFIDENT and code not in ("kk", "ru") else ("en" if code == "en" else None)
    english = dict(ranking[:5]).get("en", 0.0)
    return "en" if english >= 0.1 or letters.total() == sum(letters[chr(point)] for point in range(97, 123)) else None


def _is_latin_kazakh(sample: str, letters: Counter[str]) -> bool:
    """Tell Kazakh by its q, which no neighbour writes without a c, w, x, ë or ə; in a short text by a word or two."""
    total = letters.total()
    if letters["q"] <= 0.008 * total or letters["ə"] or letters["ë"]:
        return False
    if len(_ROMANCE_Q.findall(sample)) > letters["q"] / 2:
        return False
    others = sum(letters[letter] for letter in "cçwx")
    if len(sample) >= LONG_ENOUGH // 2 and others < 0.005 * total:
        return True
    words = [word.lower() for word in _LATIN_WORD.findall(sample)]
    kazakh = sum(word in _LATIN_KAZAKH for word in words)
    return kazakh >= 2 and kazakh > 0.04 * len(words)


def _arabic(sample: str, letters: Counter[str]) -> str | None:
    """Tell Kazakh from Uyghur, Persian and Arabic by the vowels that only the first two write."""
    total = letters.total()
    vowels = (letters["ە"] + letters["ۇ"] + letters["ۋ"]) / total
    if vowels > 0.05:
        uyghur = letters["ې"] + letters["ۈ"] + letters["ئ"]
        return "ug" if uyghur > 0.03 * total else "kk"
    code, probability = _ranking(sample)[0]
    return code if probability >= CONFIDENT else None


def _ranking(sample: str) -> list[tuple[str, float]]:
    ranking: list[tuple[str, float]] = _model().rank(sample)
    return ranking


@lru_cache(maxsize=1)
def _model() -> Any:
    from pipelines.language_model import load  # numpy and 40 MB, which plain Russian and English do without

    return load()
