"""Find which words of a text are forms of which term words: one pass over the text, each distinct word judged once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache, partial
from typing import Any, Final, Literal, NamedTuple

from archive.search.folding import LOOK_ALIKES, ONLY_CYRILLIC, clean, script_of, spellings
from archive.search.remembered import Remembered
from archive.search.scripts import to_cyrillic

Language = Literal["kk", "ru", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("kk", "ru", "en")

MAX_TEXT: Final = 300_000
"""Characters looked at. The longest articles (laws printed whole) have some 250,000; the rest is not news."""
MAX_WORD: Final = 48
"""Letters; a longer 'word' is no form of any term."""
MAX_REMEMBERED: Final = 12_000
"""Common words whose verdict is kept, twice as many with those that were common before, some 4 MB. To judge a rare one
takes a microsecond or two."""

HEAD: Final = 3
"""Letters by which those term words are looked up that a Kazakh word may be a form of."""

_PIECE: Final = re.compile(
    r"[^\W_]+(?:['’ʼ‘`´][^\W_]+)*"
    r"|\n|[؟۔]"
    r"|(?<![\s.(«\"][A-ZА-ЯЁӘҒҚҢӨҰҮҺІ])[.!?…](?=[\s»”\")]{0,3}(?:[^\Wa-zа-яёәғқңөұүһі_]|[«“\"(–—-]))"
)
"""A word, or the end of a sentence: a line's end, or a stop before a capital that is not an initial's."""
_KAZAKH_LETTERS: Final = re.compile("[әғқңөұүһі]")
_DERIVED: Final = ("al", "ally", "ary", "ality", "alism", "alist", "ist", "ism", "er", "ers", "or", "ors")
"""Snowball takes constitutional for a form of constitution; these endings make another word."""

_SURNAMES: Final = {
    **dict.fromkeys(("ов", "ев", "ин", "ын"), ("", "а", "у", "ым", "е", "ы", "ых", "ыми")),
    **dict.fromkeys(("ян", "ич", "ко"), ("", "а", "у", "ом", "ем", "е", "ы", "и")),
}
"""Ending of a surname -> its case endings (Русская грамматика, 1980, sections on the declension of surnames)."""


class Hit(NamedTuple):
    """A word of the text that is a form of term words `ids`, at place `at` of sentence `sentence`."""

    at: int
    sentence: int
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What one pass found: hits in order, how many sentences the title has, and the number of words of the text."""

    hits: tuple[Hit, ...]
    title_sentences: int
    words: int


def split_words(text: str) -> list[str]:
    """Return the words of `text` as a scan cuts them: at spaces, hyphens and punctuation but apostrophes."""
    return [piece for piece in _PIECE.findall(clean(text)) if piece[0].isalnum()]


class Vocabulary:
    """Term words by language, each with a number, and the judgement which of them a word is a form of.

    Russian by the paradigms of pymorphy3, written out once; Kazakh by its grammar; English by snowball. The language
    of a word is told by its letters and its text; where they leave doubt both are tried.
    """

    def __init__(self, words: Iterable[tuple[Language, str]]) -> None:
        self.ids: dict[tuple[Language, str], int] = {}
        self._exact: dict[str, set[int]] = defaultdict(set)
        self._russian: dict[str, set[int]] = defaultdict(set)
        self._kazakh: list[tuple[str, int]] = []
        self._english: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self._judged = {
            english: Remembered(partial(self._judge, english=english), MAX_REMEMBERED) for english in (True, False)
        }
        for language, word in words:
            if (language, word) not in self.ids:
                self.ids[language, word] = len(self.ids)
                self._learn(language, word, self.ids[language, word])

    def _learn(self, language: Language, word: str, number: int) -> None:
        folded = spellings(word)[0]
        self._exact[folded].add(number)
        if folded.isdigit():
            return
        if language == "ru":
            for form in russian_forms(word):
                self._russian[form].add(number)
        elif language == "en":
            stem = _english_stem(folded)
            self._english[stem[:3]].append((folded, number))
        else:
            self._kazakh += ((base, number) for base in to_cyrillic(word))

    def scan(self, title: str | None, text: str, language: str | None) -> Scan:
        """Return the term words of a title and a text, in order; hostile input costs time linear in `MAX_TEXT`."""
        judged = self._judged[language == "en"]
        hits: list[Hit] = []
        at = sentence = words = title_sentences = 0
        for part in ((title or "")[:MAX_TEXT], text[:MAX_TEXT]):
            sentence += 1
            words = 0
            for piece in _PIECE.findall(clean(part)):
                ids = judged[piece]
                if ids is None:
                    sentence += 1
                    continue
                words += 1
                if ids:
                    hits.append(Hit(at + words, sentence, ids))
            at += words + 1
            title_sentences = title_sentences or sentence
        return Scan(hits=tuple(hits), title_sentences=title_sentences, words=words)

    def _judge(self, piece: str, *, english: bool) -> tuple[int, ...] | None:
        """Return the numbers of the term words `piece` is a form of; None when it ends a sentence."""
        if not piece[0].isalnum():
            return None
        if len(piece) > MAX_WORD:
            return ()
        # most words have one spelling, which is plain to see, and begin like no term word
        if ONLY_CYRILLIC.fullmatch(piece):
            return self._judge_cyrillic(piece.lower())
        found: set[int] = set()
        if english and piece.isascii() and piece.isalpha() and not LOOK_ALIKES.issuperset(piece):
            word = piece.lower()
            found.update(self._exact.get(word, ()))
            return tuple(sorted(found | self._judge_english(word)))
        if piece[0].isalpha():
            piece = piece.rstrip("0123456789")  # #Референдум2026
        for word in spellings(piece):
            found.update(self._exact.get(word, ()))
            script = script_of(word)
            if script == "Cyrl":
                if not _KAZAKH_LETTERS.search(word):
                    found.update(self._russian.get(word, ()))
                self._judge_kazakh(word, found)
            elif script == "Arab":
                for cyrillic in to_cyrillic(word):
                    self._judge_kazakh(cyrillic, found)
            elif script == "Latn":
                found |= self._judge_english(word)
                if not english:
                    for cyrillic in to_cyrillic(word):
                        self._judge_kazakh(cyrillic, found)
        return tuple(sorted(found))

    def _judge_cyrillic(self, word: str) -> tuple[int, ...]:
        """Return the numbers of the term words that a folded word of Cyrillic letters alone is a form of."""
        head = word[:HEAD]
        # three letters a Kazakh word may be spelt with otherwise
        otherwise = "я" in head or "ю" in head or "ъ" in head
        if not otherwise and self._heads.isdisjoint((head, head[:2], head[:1])):
            return ()
        found = set(self._exact.get(word, ()))
        if word in self._russian and not _KAZAKH_LETTERS.search(word):
            found.update(self._russian[word])
        self._judge_kazakh(word, found)
        return tuple(sorted(found))

    @cached_property
    def _heads(self) -> frozenset[str]:
        """First letters of all that a Cyrillic word may be equal to or begin with."""
        return frozenset(word[:HEAD] for words in (self._exact, self._russian, self._begun) for word in words)

    def _judge_kazakh(self, word: str, found: set[int]) -> None:
        """Add the Kazakh term words that a folded Cyrillic word is a form of."""
        spelt_out, is_form = _kazakh()
        plain = spelt_out(word)
        for letters in range(1, HEAD + 1):
            for surface, base, plain_base, number in self._begun.get(plain[:letters], ()):
                if (
                    plain.startswith(surface)
                    and len(base) <= len(word) + 1
                    and word.startswith(base[: max(1, min(4, len(base) - 2))])
                    and is_form(plain, plain_base)
                ):
                    found.add(number)

    @cached_property
    def _begun(self) -> dict[str, list[tuple[str, str, str, int]]]:
        """First letters of a word -> the Kazakh term words it may be a form of, with the spelling before suffixes."""
        from archive.search.kazakh.grammar import starts

        spelt_out, _ = _kazakh()
        begun: dict[str, list[tuple[str, str, str, int]]] = defaultdict(list)
        for base, number in self._kazakh:
            plain_base = spelt_out(base)
            for surface in {plain_base, *(start.surface for start in starts(plain_base))}:
                begun[surface[:HEAD]].append((surface, base, plain_base, number))
        return dict(begun)

    def _judge_english(self, word: str) -> set[int]:
        near = self._english.get(word[:3])
        if not near:
            return set()
        word = word.removesuffix("'s")
        stem = _english_stem(word)
        return {
            number
            for base, number in near
            if _english_stem(base) == stem and _derived(base, stem) == _derived(word, stem)
        }


def _derived(word: str, stem: str) -> str:
    """Return the ending that makes `word` another word than its stem's, or nothing."""
    ending = word[len(stem) :]
    return next((known.rstrip("s") for known in _DERIVED if ending == known), "")


@cache
def _kazakh() -> tuple[Callable[[str], str], Callable[[str, str], bool]]:
    """Return what spells a folded word plainly, and what recognises the forms of a plain one."""
    from archive.search.kazakh.grammar import spelt_out  # its tables take a moment, and only who matches needs them
    from archive.search.kazakh.recognise import is_plain_form_of

    return spelt_out, is_plain_form_of


@lru_cache(maxsize=16384)
def _english_stem(word: str) -> str:
    stem: str = _snowball().stemWord(word.removesuffix("'s"))
    return stem


@cache
def _snowball() -> Any:
    import snowballstemmer  # here, as below: what crawls and schedules reads topics without matching a word

    return snowballstemmer.stemmer("english")


@cache
def _pymorphy() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="ru")


@lru_cache(maxsize=8192)
def russian_forms(word: str) -> frozenset[str]:
    """Return every form of a term word, folded: the lexemes it is the dictionary form of, else its likeliest lexeme.

    A name that no lexeme is called by is declined as a surname (Токаев is no plural of токай), and an abbreviation in
    capitals that the dictionary lacks stays as it is (ЦКР).
    """
    folded = spellings(word)[0]
    parses = _pymorphy().parse(folded)
    chosen = [parse for parse in parses if parse.normal_form == folded]
    if not chosen and word.isupper():
        return frozenset({folded})
    if word[0].isupper() and not any(parse.is_known for parse in chosen):
        endings = next((endings for tail, endings in _SURNAMES.items() if folded.endswith(tail)), None)
        if endings is not None:
            return frozenset(folded + ending for ending in endings)
    return frozenset(
        {folded} | {form.word.replace("ё", "е") for parse in chosen or parses[:1] for form in parse.lexeme}
    )


def phrase_words(phrase: str) -> tuple[str, ...]:
    """Return the words of a term as a scan will see them, `*` kept where it stands for up to two words."""
    return tuple(word for part in phrase.split() for word in (["*"] if part == "*" else split_words(part)))
