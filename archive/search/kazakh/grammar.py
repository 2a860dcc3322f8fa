"""The grammar of Kazakh inflection: which chain of suffixes may follow which stem, and how both are then spelt.

The suffixes, their order and the sound laws are written down from the grammars, not learnt from a corpus and not
taken from a program: R. Muhamedowa, *Kazakh: A Comprehensive Grammar* (Routledge 2016), phonology and the chapters
on nominal and verbal inflection; M. Kirchner, 'Kazakh and Karakalpak', in L. Johanson and É. Á. Csató (eds), *The
Turkic Languages* (Routledge 1998); D. Somfai Kara, *Kazak* (Lincom 2002); *Қазақ грамматикасы* (Astana 2002),
sections on септік, тәуелдік, көптік, жіктік жалғаулары.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final, NamedTuple

from archive.search.folding import fold

MAX_WORD: Final = 48
"""Letters. The longest forms of real words stay under 40; longer 'words' are addresses or an attack."""

LETTERS: Final = "әғқңөұүһі"
"""Letters that Russian has not."""

# --- Sounds -----------------------------------------------------------------------------------------------------
# After which sound a suffix stands decides its first letter: V vowel, R one of р й and the glides у и, L л,
# N nasal, Z voiced fricative, T voiceless (and the loan finals б в г д, which take voiceless suffixes),
# X a stem changed by a following vowel (мектеб-, халқ-): only suffixes that begin with a vowel may follow;
# K a final қ kept as it is: only suffixes that begin with a consonant may follow.

SOUND: Final[dict[str, str]] = {
    **dict.fromkeys("аәеоөұүыіэ", "V"),
    **dict.fromkeys("рйуи", "R"),
    **dict.fromkeys("л", "L"),
    **dict.fromkeys("мнң", "N"),
    **dict.fromkeys("зж", "Z"),
    **dict.fromkeys("пткқсшщчцфхһбвгд", "T"),
}
_BACK: Final = frozenset("аоұы")
_FRONT: Final = frozenset("әеөүіэ")
VOICED: Final = {"п": "б", "к": "г", "қ": "ғ"}
UNVOICED: Final = {voiced: voiceless for voiceless, voiced in VOICED.items()}

CLUSTERS: Final = ("кт", "нкт", "фт")
"""Loans in these may take an і before every suffix (факті, объектісі), and a doubled letter may be written once."""

# A capital Latin letter of a rule stands for a sound that follows the stem's last vowel or sound.
_BY_HARMONY: Final = {"A": "ае", "Y": "ыі", "Q": "қк", "H": "ғг"}
_BY_SOUND: Final[dict[str, dict[str, str]]] = {
    "L": {"V": "л", "R": "л", "L": "д", "N": "д", "Z": "д", "T": "т"},  # plural
    "N": {"V": "н", "R": "д", "L": "д", "N": "н", "Z": "д", "T": "т"},  # genitive
    "S": {"V": "н", "R": "д", "L": "д", "N": "д", "Z": "д", "T": "т"},  # accusative
    "G": {"V": "H", "R": "H", "L": "H", "N": "H", "Z": "H", "T": "Q"},  # dative, participle
    "D": {"V": "д", "R": "д", "L": "д", "N": "д", "Z": "д", "T": "т"},  # locative, past
    "B": {"V": "д", "R": "д", "L": "д", "N": "н", "Z": "д", "T": "т"},  # ablative
    "M": {"V": "м", "R": "м", "L": "м", "N": "м", "Z": "б", "T": "п"},  # instrumental, first person
    "P": {"V": "м", "R": "м", "L": "м", "N": "б", "Z": "б", "T": "п"},  # negation
}

# --- Suffixes ---------------------------------------------------------------------------------------------------
# state -> (sounds it may follow, suffix, next state). C any consonant or changed stem, * anything.

_C: Final = "RLNZTX"
_ANY: Final = "VRLNZT"

_CASES: Final = (
    (_ANY, "NYң", "genitive"),
    (_ANY, "SY", "end"),
    (_ANY, "GA", "end"),
    (_ANY, "DA", "locative"),
    (_ANY, "BAн", "person"),
    (_ANY, "Mен", "end"),
    (_ANY, "DAй", "end"),
)
_PERSONS: Final = (
    (_ANY, "MYн", "end"),
    (_ANY, "сYң", "end"),
    (_ANY, "сYз", "end"),
    (_ANY, "MYз", "end"),
    (_ANY, "сYңдAр", "end"),
    (_ANY, "сYздAр", "end"),
    (_ANY, "DYр", "end"),
)
_POSSESSIVES: Final = (
    (_C, "Yм", "mine"),
    ("V", "м", "mine"),
    (_C, "Yң", "mine"),
    ("V", "ң", "mine"),
    (_C, "YмYз", "ours"),
    ("V", "мYз", "ours"),
    (_C, "YңYз", "ours"),
    ("V", "ңYз", "ours"),
    (_C, "Y", "theirs"),
    ("V", "сY", "theirs"),
)
_PAST_PERSONS: Final = (
    ("V", "м", "end"),
    ("V", "ң", "end"),
    ("V", "ңYз", "end"),
    ("V", "Q", "end"),
    ("V", "ңдAр", "end"),
    ("V", "ңYздAр", "end"),
)
_VERB: Final = (
    (_ANY, "DY", "past"),
    (_ANY, "GAн", "noun"),
    (_ANY, "сA", "past"),
    (_ANY, "сYн", "end"),
    (_ANY, "сYндAр", "end"),
    (_ANY, "GAй", "noun"),
    (_ANY, "GAлY", "end"),
    (_ANY, "GY", "wish"),
    (_ANY, "GAншA", "end"),
    ("V", "й", "present"),
    ("V", "йтYн", "noun"),
    ("V", "йYн", "end"),
    ("V", "йYQ", "end"),
    (_C, "Aйын", "end"),
    (_C, "Aйін", "end"),
    (_C, "AйYQ", "end"),
    (_C, "YңYз", "end"),
    ("V", "ңYз", "end"),
    (_C, "YңYздAр", "end"),
    ("V", "ңYздAр", "end"),
)

RULES: Final[dict[str, tuple[tuple[str, str, str], ...]]] = {
    # nominal: stem - plural - possessive - case - person
    "noun": ((_ANY, "LAр", "plural"), (_C, "YрAQ", "noun"), ("V", "рAQ", "noun"), *_POSSESSIVES, *_CASES, *_PERSONS),
    "plural": (*_POSSESSIVES, *_CASES, *_PERSONS),
    "mine": (
        ("N", "NYң", "genitive"),
        ("N", "SY", "end"),
        ("N", "A", "end"),
        ("N", "DA", "locative"),
        ("N", "BAн", "person"),
        ("N", "Mен", "end"),
    ),
    "ours": (*_CASES, *_PERSONS),
    "theirs": (
        ("V", "NYң", "genitive"),
        ("V", "н", "end"),
        ("V", "нA", "end"),
        ("V", "ндA", "locative"),
        ("V", "нAн", "person"),
        ("V", "Mен", "end"),
        *_PERSONS,
    ),
    "genitive": ((_ANY, "кі", "noun"),),
    "locative": ((_ANY, "HY", "noun"), *_PERSONS),
    "person": _PERSONS,
    "end": (),
    # verbal: stem - voice - negation - tense or participle - person; a participle goes on as a noun
    "verb": (
        ("V", "л", "voiced"),
        ("VRNZTX", "Yл", "voiced"),
        ("V", "н", "voiced"),
        (_C, "Yн", "voiced"),
        ("V", "т", "voiced"),
        (_ANY, "DYр", "voiced"),
        (_ANY, "GYз", "voiced"),
        ("V", "с", "voiced"),
        (_C, "Yс", "voiced"),
        (_ANY, "PA", "negated"),
        (_C, "A", "present"),
        (_C, "AтYн", "noun"),
        (_C, "Aр", "noun"),
        ("V", "р", "noun"),
        (_C, "Yп", "gerund"),
        ("V", "п", "gerund"),
        (_ANY, "MAQ", "noun"),
        (_C, "у", "noun"),
        ("V", "у", "noun"),
        (_C, "ушY", "noun"),
        ("V", "ушY", "noun"),
        *_VERB,
    ),
    "negated": (("V", "с", "noun"), ("V", "у", "noun"), ("V", "п", "gerund"), ("V", "стAн", "end"), *_VERB),
    "wish": (("V", "м", "end"), ("V", "ң", "end"), ("V", "ңYз", "end"), ("V", "мYз", "end"), ("V", "сY", "end")),
    "present": (
        ("V", "м", "end"),
        ("VR", "мYн", "end"),
        ("VR", "сYң", "end"),
        ("VR", "сYз", "end"),
        ("VR", "дY", "end"),
        ("VR", "мYз", "end"),
        ("VR", "сYңдAр", "end"),
        ("VR", "сYздAр", "end"),
        ("VR", "тYн", "noun"),
    ),
    "past": _PAST_PERSONS,
    "gerund": (("T", "тY", "end"), *_PERSONS),
}
# Two voices at most stand in a row: берілдіру is possible, a third one is not met.
RULES["voiced"] = tuple((after, suffix, "voiced2" if to == "voiced" else to) for after, suffix, to in RULES["verb"])
RULES["voiced2"] = tuple(rule for rule in RULES["verb"] if rule[2] != "voiced")


Sounding = tuple[str, str, bool]
"""State of a chain of suffixes, the sound it ends in so far, front vowels or not."""


class Step(NamedTuple):
    """A suffix as it is spelt here, the state it leads to, the sound it ends in and the rule it comes from."""

    surface: str
    state: str
    sound: str
    rule: str = ""


class Start(NamedTuple):
    """A spelling the base takes before suffixes, the state it is in, its last sound and its harmony."""

    surface: str
    state: str
    sound: str
    front: bool


@cache
def spell(rule: str, sound: str, *, front: bool) -> str:
    """Return a rule's suffix as it is spelt after a sound, with back or front vowels."""
    written: list[str] = []
    for letter in rule:
        by_sound = _BY_SOUND.get(letter)
        if by_sound:
            letter = by_sound[sound]
        pair = _BY_HARMONY.get(letter)
        written.append(pair[front] if pair else letter)
    return "".join(written)


def may_follow(rule: str, sound: str, after: str) -> bool:
    """Tell whether a suffix that follows the sounds `after` may stand after `sound`."""
    if sound == "K":
        return "T" in after and rule[0] not in "YAу"
    return sound in after


def _compile() -> dict[Sounding, tuple[Step, ...]]:
    return {
        (state, sound, front): tuple(dict.fromkeys(step for rule in rules for step in _steps(rule, sound, front=front)))
        for state, rules in RULES.items()
        for sound in "VRLNZTXK"
        for front in (False, True)
    }


@cache
def _steps(rule: tuple[str, str, str], sound: str, *, front: bool) -> tuple[Step, ...]:
    """Return a suffix as it is spelt after a sound, and as it is where a vowel follows; nothing where it may not stand.

    Most rules are those of several states.
    """
    after, suffix, to = rule
    if not may_follow(suffix, sound, after):
        return ()
    surface = spell(suffix, "T" if sound == "K" else sound, front=front)
    step = Step(surface, to, SOUND[surface[-1]], suffix)
    if surface[-1] not in VOICED or to == "end":
        return (step,)
    return (step, Step(surface[:-1] + VOICED[surface[-1]], to, "X", suffix))


TABLE: Final = _compile()


def plain(word: str) -> str:
    """Return the word folded, with я and ю written as the й and vowel they stand for (қояды is қой-а-ды)."""
    return spelt_out(fold(word))


def spelt_out(folded: str) -> str:
    """Return a folded word in plain spelling."""
    return folded.replace("я", "йа").replace("ю", "йу").replace("ъ", "")


def harmonies(stem: str) -> tuple[bool, ...]:
    """Return which suffixes may follow, False back and True front: the last vowel says, у and и leave it open.

    So do the Russian surnames: Тоқаевтың beside Медведевтің.
    """
    if stem.endswith("ев") or stem.endswith("ева"):
        return (False, True)
    soft = False
    neutral = False
    for letter in reversed(stem):
        if letter in _BACK:
            return (False, True) if soft or (neutral and stem[-1] not in "уи") else (False,)
        if letter in _FRONT:
            return (True, False) if neutral and stem[-1] not in "уи" else (True,)
        if letter in "уи":
            neutral = True
        elif letter == "ь":
            soft = True
    return (False, True)


def _surfaces(stem: str) -> list[tuple[str, str]]:
    """Return the spellings of a stem before a suffix with the sound each ends in."""
    if stem.endswith("ь"):
        hard = stem[:-1]
        sound = SOUND.get(hard[-1:], "T")
        return [(stem, sound), (hard, "X")]
    last = stem[-1]
    found = [(stem, "K" if last == "қ" else SOUND.get(last, "T"))]
    if last in "уи":
        found.append((stem, "V"))  # a loan may end in a full vowel: интервьюсі beside интервьюі
    if last in VOICED:
        found.append((stem[:-1] + VOICED[last], "X"))
    if len(stem) > 3 and last == stem[-2]:
        found.append((stem[:-1], SOUND.get(last, "T")))
    if drops_vowel(stem):
        found.append((stem[:-2] + last, "X"))
        if last in VOICED:
            found.append((stem[:-2] + VOICED[last], "X"))
    return found


def drops_vowel(stem: str) -> bool:
    """Tell whether the narrow vowel of the last syllable can fall: орын - орны, халық - халқы, дауыс - даусы."""
    return (
        len(stem) > 3
        and stem[-2] in "ыі"
        and SOUND.get(stem[-1]) not in (None, "V")
        and SOUND.get(stem[-3]) not in (None, "V")
        and any(SOUND.get(letter) == "V" for letter in stem[:-3])
    )


@lru_cache(maxsize=4096)
def starts(base: str) -> tuple[Start, ...]:
    """Return the spellings a plain base takes before suffixes."""
    found: dict[Start, None] = {}
    for front in harmonies(base):
        for surface, sound in _surfaces(base):
            found[Start(surface, "noun", sound, front)] = None
        if base[-1] in "ыі":
            found[Start(base, "theirs", "V", front)] = None
    if base.endswith(CLUSTERS):
        found[Start(base + "і", "noun", "V", True)] = None
    if base[-1] == "у" and len(base) > 2:
        for stem in verb_stems(base[:-1]):
            for front in harmonies(stem):
                for surface, sound in _surfaces(stem):
                    found[Start(surface, "verb", sound, front)] = None
                if stem[-1] == "п":
                    found[Start(stem[:-1] + "у", "verb", "X", front)] = None  # тап - тауып
                if stem[-1] in "ыі":
                    found[Start(stem[:-1] + "и", "present", "R", front)] = None  # оқы - оқиды
                    found[Start(stem[:-1] + "у", "noun", "R", front)] = None
                    found[Start(stem[:-1] + "ушы", "noun", "V", front)] = None
                    found[Start(stem[:-1] + "уші", "noun", "V", front)] = None
    return tuple(found)


def verb_stems(stem: str) -> list[str]:
    """Return the stems that give this verbal noun: the у of оқу and тану hides the vowel of оқы- and таны-."""
    if SOUND.get(stem[-1]) == "V":
        return [stem] if len(stem) > 2 or stem in ("де", "же") else []  # дау and жау are nouns only
    if stem[-1] in UNVOICED:
        return [stem, stem[:-1] + UNVOICED[stem[-1]]]  # табу - тап, шығу - шық
    return [stem, *(stem + ("і" if front else "ы") for front in harmonies(stem))]
