"""Takes lines off an extracted text that are no part of the article: headline, date line, pointers, appeals."""

from __future__ import annotations

import re
import unicodedata

TOP_LINES = 8
"""Lines from the start among which the headline may be repeated, after crumbs and a date."""
CRUMB = 60
"""Characters up to which a line above the headline is a crumb, a section or a date."""
BOTTOM_LINES = 8
"""Lines from the end among which appeals stand."""
APPEAL = 250
"""Characters up to which a line can be an appeal and nothing else."""

_WORDS = re.compile(r"\w+")
_DATE_LINE = re.compile(
    r"^[^\w]{0,3}(?:[^\W\d_]{2,12}[,:]?\s)?(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}\.?\s[^\W\d_]{3,12}\.?\s\d{4}|"
    r"[^\W\d_]{3,12}\.?\s\d{1,2},\s\d{4}|\d{4}-\d\d-\d\d)[\s,|в-]{0,4}(?:\d{1,2}:\d\d(?::\d\d)?)?[^\w]{0,3}$",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"^\W{0,4}(?:читайте (?:также|ещ[её]|далее|по теме|нас)|смотрите (?:также|ещ[её])|по теме|"
    r"материалы по теме|ранее по теме|"
    r"тағы оқыңыз(?:дар)?|оқи отырыңыз(?:дар)?|тақырыпқа орай|осы тақырып(?:та|қа)|сондай-ақ оқыңыз(?:дар)?|"
    r"read (?:more|also|next)|also read|see also|related(?: articles?| stories)?|more on this|recommended|"
    r"lesen sie auch|mehr zum thema|lee también|lire aussi|à lire aussi|leggi anche|"
    r"czytaj (?:także|też|więcej)|lees (?:ook|meer))"
    r"\b\W{0,3}",
    re.IGNORECASE,
)
_APPEAL = re.compile(
    r"подпи(?:сывайтесь|шитесь)|подписаться на|наш(?:ем|его)? (?:telegram|телеграм|канал)|в нашем telegram|"
    r"нашли ошибку|"
    r"заметили ошибку|выделите е[её]|ctrl\s?\+\s?enter|"
    r"при (?:использовании|перепечатке|копировании) материал|все права защищены|"
    r"хотите больше новостей|поделит(?:есь|ься) новостью|арнамызға жазыл|telegram.{0,20}(?:жазыл|арна)|"
    r"жазылыңыз(?:дар)?\b|"
    r"қате тап(?:саңыз|тыңыз)|материалды (?:пайдалан|көшір)|барлық құқық(?:тар)? қорғалған|"
    r"subscribe to|sign up (?:for|to)|newsletter|follow us|join (?:the|our) (?:conversation|comment|telegram|whatsapp)|"
    r"all rights reserved|click here to get|download (?:the|our) app|^\W{0,3}(?:copyright|©)",
    re.IGNORECASE,
)


def tidy(text: str, title: str | None) -> str:
    """Return `text`, lines joined by a newline, without what repeats the headline or points elsewhere.

    Takes off: the headline among the first lines with the crumbs above it, a first line that is only a date, lines
    of the kind 'Read also: ...', and appeals to subscribe and copyright notices among the last lines. A text is
    never emptied: a rule that would leave nothing is not applied.
    """
    lines = text.split("\n")
    lines = _without_top(lines, title)
    kept = [line for line in lines if not (len(line) <= APPEAL and _ELSEWHERE.match(line) and not _is_sentence(line))]
    bottom = max(1, len(kept) - BOTTOM_LINES)
    kept = kept[:bottom] + [line for line in kept[bottom:] if not (len(line) <= APPEAL and _APPEAL.search(line))]
    return "\n".join(kept or lines)


def _without_top(lines: list[str], title: str | None) -> list[str]:
    key = _key(title or "")
    if key:
        for number, line in enumerate(lines[:TOP_LINES]):
            if _key(line) == key and len(lines) > number + 1:
                if all(len(before) <= CRUMB for before in lines[:number]):
                    lines = lines[number + 1 :]
                else:
                    lines = lines[:number] + lines[number + 1 :]
                break
    while len(lines) > 1 and _DATE_LINE.match(lines[0]):
        lines = lines[1:]
    return lines


def _is_sentence(line: str) -> bool:
    """Tell a sentence that happens to begin like a pointer from a pointer: 'Recommended by doctors, the drug ...'."""
    return len(line) > 120 and line.rstrip().endswith((".", "!", "?", "…"))


def _key(text: str) -> str:
    return " ".join(_WORDS.findall(unicodedata.normalize("NFKC", text).lower()))
