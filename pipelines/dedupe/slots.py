"""Lays two texts of the same wording side by side and counts what differs: names, numbers, or ordinary words.

A reprint differs from its original by insertions, deletions, moved paragraphs, typos and edited words. A text
made from the same template differs by fillers: an unrelated name stands where a name stood, a number where a
number stood, and the frame around them is the same. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelines.dedupe.words import TOKEN, folded, stem, visible

MAX_WORDS = 3_000
"""Tokens of each text that are laid side by side: a bound on time; a template shows itself long before."""
ANCHOR = 3
"""Equal stems in a row that hold two texts together."""
GAP = 40
"""Tokens between two anchors that may still be a slot; a longer difference is a rewritten passage."""

# After these a capital begins a sentence and tells nothing of a name.
_ENDS_SENTENCE = re.compile(r"[.!?…\n:;|•]")
_NUMBER = re.compile(r"\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One token: folded whole, its stem, and whether it reads as a name (a capital inside a sentence) or a number."""

    text: str
    stem: str
    name: bool
    number: bool
    opening: bool
    """It begins a sentence with a capital: a name or not, one cannot tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How two texts that share their wording differ, in places (a place is what stands between two anchors)."""

    names: int = 0
    """Places where a name stands for another name that the other text does not mention."""
    numbers: int = 0
    """Places where a number stands for another number."""
    agreed: int = 0
    """Numbers that stand in the same place in both."""
    edits: int = 0
    """Places where words stand for other words, or were put in or left out."""
    typos: int = 0
    """Places where a word is spelled otherwise."""
    frame: int = 0
    """Tokens that the anchors hold."""

    @property
    def fillers(self) -> bool:
        """Whether names or numbers differ."""
        return bool(self.names or self.numbers)


def words(text: str) -> list[Word]:
    """Return the tokens of `text`, at most `MAX_WORDS`, with what their capitals and digits say."""
    text = visible(text)
    result: list[Word] = []
    end = 0
    for match in TOKEN.finditer(text):
        raw = match.group()
        number = raw[0].isdigit()
        capital = raw[0].isupper()
        opening = capital and (not result or _begins(text[end : match.start()], result[-1].text))
        token = folded(raw).replace(",", ".") if number else folded(raw)
        result.append(Word(text=token, stem=stem(token), name=capital and not opening, number=number, opening=opening))
        end = match.end()
        if len(result) == MAX_WORDS:
            break
    return result


def _begins(between: str, before: str) -> bool:
    """Tell whether a sentence begins after `between`; the point of an initial or of `г.`, `ул.`, `им.` ends none."""
    mark = _ENDS_SENTENCE.search(between)
    if mark is None:
        return False
    return not (mark.group() == "." and "\n" not in between and len(before) <= 3 and not before.isdigit())


def difference(one: list[Word], other: list[Word]) -> Difference:
    """Compare two texts place by place."""
    runs = _runs([word.stem for word in one], [word.stem for word in other])
    names_one, names_other = _mentioned(one), _mentioned(other)
    names = numbers = agreed = edits = typos = frame = 0
    for start, at, length in runs:
        frame += length
        for offset in range(length):
            a, b = one[start + offset], other[at + offset]
            if a.number:
                if a.text == b.text:
                    agreed += 1
                else:
                    numbers += 1
            elif a.text != b.text and not _alike(a.text, b.text):
                pass
    for (start, at, length), (next_start, next_at, _) in zip(runs, runs[1:], strict=False):
        a, b = one[start + length : next_start], other[at + length : next_at]
        if not (a or b):
            continue
        if next_at < at + length or len(a) > GAP or len(b) > GAP:
            edits += 1
            continue
        n, m, ag, e, t = _place(a, b, names_one, names_other)
        names += n
        numbers += m
        agreed += ag
        edits += e
        typos += t
    return Difference(names=names, numbers=numbers, agreed=agreed, edits=edits, typos=typos, frame=frame)


def _place(a, b, names_one, names_other):
    stems_a = {w.stem for w in a}
    stems_b = {w.stem for w in b}
    left = [w for w in a if w.stem not in stems_b or (w.number and w.text not in {x.text for x in b})]
    right = [w for w in b if w.stem not in stems_a or (w.number and w.text not in {x.text for x in a})]
    agreed = sum(1 for w in a if w.number and w not in left)
    # spelled otherwise
    typos = 0
    for w in list(left):
        if w.number:
            continue
        for x in right:
            if not x.number and _alike(w.text, x.text):
                left.remove(w)
                right.remove(x)
                typos = 1
                break
    na = [w for w in left if w.number]
    nb = [w for w in right if w.number]
    pa = [w for w in left if w.name or w.opening]
    pb = [w for w in right if w.name or w.opening]
    wa = [w for w in left if not (w.number or w.name or w.opening)]
    wb = [w for w in right if not (w.number or w.name or w.opening)]
    pa = [w for w in pa if not _known(w, names_other)]
    pb = [w for w in pb if not _known(w, names_one)]
    names = int(bool(pa and pb and (any(w.name for w in pa) and any(w.name for w in pb))))
    numbers = int(bool(na and nb))
    other = int(bool(wa or wb) or bool(pa) != bool(pb) or bool(na) != bool(nb))
    return names, numbers, agreed, int(other and not (names or numbers)), typos


def _known(word, mentioned):
    return word.stem in mentioned


def _mentioned(text: list[Word]) -> frozenset[str]:
    return frozenset(word.stem for word in text if word.name or word.opening)


def _alike(one: str, other: str) -> bool:
    """Tell whether two tokens are one word but for its ending or a slip of the hand."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if len(short) >= 4:
        k = 0
        while k < len(short) and short[k] == long[k]:
            k += 1
        if k >= 4 and k >= len(long) - 4:
            return True
    return _distance_one(one, other) if min(len(one), len(other)) > 2 else False


def _distance_one(a, b):
    if abs(len(a) - len(b)) > 1:
        return False
    k = 0
    while k < min(len(a), len(b)) and a[k] == b[k]:
        k += 1
    return (
        a[k + 1 :] == b[k + 1 :]
        or a[k + 1 :] == b[k:]
        or a[k:] == b[k + 1 :]
        or (a[k + 2 :] == b[k + 2 :] and a[k : k + 2] == b[k : k + 2][::-1])
    )


def _runs(one: list[str], other: list[str]) -> list[tuple[int, int, int]]:
    """Return maximal runs of equal stems, at least `ANCHOR` long, as (start in one, start in other, length)."""
    places: dict[tuple[str, ...], list[int]] = {}
    for at in range(len(other) - ANCHOR + 1):
        places.setdefault((other[at], other[at + 1], other[at + 2]), []).append(at)
    runs = []
    i = 0
    after = 0
    while i <= len(one) - ANCHOR:
        found = places.get((one[i], one[i + 1], one[i + 2]))
        if not found:
            i += 1
            continue
        at = next((p for p in found if p >= after), found[0])
        length = ANCHOR
        while i + length < len(one) and at + length < len(other) and one[i + length] == other[at + length]:
            length += 1
        runs.append((i, at, length))
        i += length
        after = at + length
    return runs
