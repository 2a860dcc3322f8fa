"""Decide which topics an article belongs to, and say why: terms by their word forms, weighed against rivals.

The score of a topic is

    title_weight x (weights of the terms in the title)
    + damp x (for each term in the text: weight x (1 + ln mentions); home_weight if home is named),
      damp = sqrt(100 / words), 1 when shorter,

times the share of mentions that a rival louder than the topic leaves of it. A mention counts unless a rival claims it:
the referendum of an article that speaks of Italy and not of Kazakhstan is Italy's. So a long round-up that mentions a
vote once in passing stays below the threshold, and a short report about it does not.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

from archive.records import TopicHit
from pipelines.topic_file import HOME, IGNORE, NEVER, Group, Phrase, Rival, RivalKind, Topic, Window, load_topics
from pipelines.words import Hit, Language, Scan, Vocabulary

__all__ = ["Topic", "Verdict", "explain", "load_topics", "match"]

FULL_WEIGHT_WORDS: Final = 100
"""Words of a text up to which mentions count in full: a news flash."""
MAX_GAP: Final = 2
"""Words that a `*` in a phrase may stand for: новая * Конституция is новая казахстанская народная Конституция too."""
MAX_HITS: Final = 20_000
"""Term words looked at in one article; a real one has hundreds."""

WindowVerdict = Literal["inside", "outside", "undated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Why one topic did or did not match one article: what `scrapy try-url` shows."""

    topic_id: str
    enabled: bool
    matched: bool
    score: float
    threshold: float
    window: WindowVerdict
    terms: Mapping[str, int] = field(default_factory=dict)
    """Matched term -> its count in title and text, rivals' share not counted."""
    in_title: bool = False
    missing: tuple[tuple[str, ...], ...] = ()
    """Lists of `require` of which no group was found."""
    claimed: Mapping[str, int] = field(default_factory=dict)
    """Rival -> how many mentions it claimed."""
    never: str | None = None
    """The phrase in the title that rules the topic out."""
    reason: str = ""
    """One line for people."""


def match(
    topics: tuple[Topic, ...], title: str | None, text: str, *, language: str | None, published: date | None
) -> tuple[TopicHit, ...]:
    """Return a hit for each enabled topic that the article belongs to, in the order of `topics`.

    `language` is the article's ('kk', 'ru', 'en', another or None); words of the others are looked for as well.
    `published` is the day in the outlet's own zone; an article without one is judged by its words alone unless the
    topic says `undated = "skip"`. Titles and texts may be hostile: at most `words.MAX_TEXT` characters are read.
    """
    enabled = [topic for topic in topics if topic.enabled and _window(topic.window, published) != "outside"]
    if not enabled:
        return ()
    matcher = _matcher(topics)
    scan = matcher.vocabulary.scan(title, text, language)
    if not scan.hits:
        return ()
    verdicts = (matcher.judge(topic, scan, published) for topic in enabled)
    return tuple(
        TopicHit(topic_id=verdict.topic_id, score=verdict.score, terms=verdict.terms, in_title=verdict.in_title)
        for verdict in verdicts
        if verdict.matched
    )


def explain(
    topics: tuple[Topic, ...], title: str | None, text: str, *, language: str | None, published: date | None
) -> tuple[Verdict, ...]:
    """Return the verdict on every topic, disabled ones too, with what speaks for and against it."""
    matcher = _matcher(topics)
    scan = matcher.vocabulary.scan(title, text, language)
    return tuple(matcher.judge(topic, scan, published) for topic in topics)


def _window(window: Window, published: date | None) -> WindowVerdict:
    if published is None:
        return "outside" if window.undated == "skip" else "undated"
    slack = timedelta(days=window.slack_days)
    early = window.start is not None and published < window.start - slack
    late = window.end is not None and published > window.end + slack
    return "outside" if early or late else "inside"


class _Rule(NamedTuple):
    """A phrase ready for matching: its word numbers (None for `*`) and what an occurrence of it means."""

    words: tuple[int | None, ...]
    phrase: Phrase
    owner: Group | Rival | str


class _Found(NamedTuple):
    """An occurrence of a phrase: the places of its words, its sentence and the rule."""

    places: tuple[int, ...]
    sentence: int
    rule: _Rule


class _Matcher:
    """The topics of one file, compiled: one vocabulary, and for each topic its phrases by their first word."""

    def __init__(self, topics: tuple[Topic, ...]) -> None:
        self.topics = topics
        self.vocabulary = Vocabulary(
            (phrase.language, word)
            for topic in topics
            for phrase, _ in _owned(topic)
            for word in phrase.words
            if word != "*"
        )
        self.rules: dict[str, dict[int, tuple[_Rule, ...]]] = {}
        for topic in topics:
            by_first: dict[int, list[_Rule]] = defaultdict(list)
            for phrase, owner in _owned(topic):
                numbers = tuple(self._number(phrase.language, word) for word in phrase.words)
                first = numbers[0]
                if first is not None:
                    by_first[first].append(_Rule(numbers, phrase, owner))
            self.rules[topic.id] = {first: tuple(rules) for first, rules in by_first.items()}

    def _number(self, language: Language, word: str) -> int | None:
        return None if word == "*" else self.vocabulary.ids[language, word]

    def judge(self, topic: Topic, scan: Scan, published: date | None) -> Verdict:
        """Return the verdict on one topic of an article that was scanned with this vocabulary."""
        found = _occurrences(self.rules[topic.id], scan)
        return _verdict(topic, found, scan, _window(topic.window, published))


_compiled: list[_Matcher] = []


def _matcher(topics: tuple[Topic, ...]) -> _Matcher:
    """Return the compiled topics; kept by identity, since to hash a file of terms costs more than a match."""
    for matcher in _compiled:
        if matcher.topics is topics:
            return matcher
    matcher = _Matcher(topics)
    _compiled.append(matcher)
    del _compiled[:-4]
    return matcher


def _owned(topic: Topic) -> Iterable[tuple[Phrase, Group | Rival | str]]:
    for group in topic.groups:
        yield from ((phrase, group) for phrase in group.phrases)
    for rival in topic.rivals:
        yield from ((phrase, rival) for phrase in rival.phrases)
    yield from ((phrase, HOME) for phrase in topic.home)
    yield from ((phrase, IGNORE) for phrase in topic.ignore)
    yield from ((phrase, NEVER) for phrase in topic.never)


def _occurrences(rules: Mapping[int, tuple[_Rule, ...]], scan: Scan) -> list[_Found]:
    """Return the phrases found, set phrases to ignore first, then the longer, no word used twice."""
    by_place: dict[int, Hit] = {hit.at: hit for hit in scan.hits[:MAX_HITS]}
    candidates: list[_Found] = []
    for hit in by_place.values():
        for number in hit.ids:
            for rule in rules.get(number, ()):
                places = _places(rule.words, hit, by_place)
                if places:
                    candidates.append(_Found(places, hit.sentence, rule))
    if not candidates:
        return []
    candidates.sort(
        key=lambda found: (found.rule.owner != IGNORE, -len(found.places), found.places, found.rule.phrase.text)
    )
    used: set[int] = set()
    chosen: list[_Found] = []
    for found in candidates:
        if not used.intersection(found.places):
            used.update(found.places)
            chosen.append(found)
    return chosen


def _places(words: tuple[int | None, ...], hit: Hit, by_place: Mapping[int, Hit]) -> tuple[int, ...] | None:
    """Return where the words of a phrase stand that begins at `hit`, all in its sentence, or None."""
    if len(words) == 1:
        return (hit.at,)
    places = [hit.at]
    reach = 1
    for number in words[1:]:
        if number is None:
            reach = 1 + MAX_GAP
            continue
        for at in range(places[-1] + 1, places[-1] + 1 + reach):
            other = by_place.get(at)
            if other is not None and other.sentence == hit.sentence and number in other.ids:
                places.append(at)
                break
        else:
            return None
        reach = 1
    return tuple(places)


class _Sides:
    """Who speaks in which sentence, and how loud in all: home, the terms rivals cannot claim, and each rival.

    Loudness counts sentences, not words, so that one that lists the observers' countries is one sentence of each.
    """

    def __init__(self, topic: Topic, found: list[_Found], title_sentences: int) -> None:
        self.home: set[int] = set()
        self.own: set[int] = set()
        self.rivals: dict[int, dict[str, Rival]] = defaultdict(dict)
        for one in found:
            owner = one.rule.owner
            if isinstance(owner, Rival):
                self.rivals[one.sentence][owner.name] = owner
            elif owner == HOME:
                self.home.add(one.sentence)
            elif isinstance(owner, Group) and owner.claimed_by != "all":
                self.own.add(one.sentence)
                if owner.claimed_by == "none":
                    self.home.add(one.sentence)

        def loudness(sentence: int) -> float:
            return topic.title_weight if sentence <= title_sentences else 1.0

        weights: dict[RivalKind, dict[str, float]] = {"elsewhere": defaultdict(float), "other": defaultdict(float)}
        for sentence, rivals in self.rivals.items():
            for rival in rivals.values():
                weights[rival.kind][rival.name] += loudness(sentence)
        elsewhere, other = (max(names.items(), key=_by_weight, default=("", 0.0)) for names in weights.values())
        self.country = elsewhere[0] if elsewhere[1] > sum(map(loudness, self.home)) else None
        """The country that is louder than home, if any."""
        self.matter = other[0] if other[1] > sum(map(loudness, self.own)) else None
        """The other matter that is louder than the topic's own terms, if any."""

    def claimant(self, group: Group, sentence: int) -> str | None:
        """Return the rival that a mention of a term of `group` in `sentence` belongs to, or None."""
        if group.claimed_by == "none":
            return None
        if self.country is not None and sentence not in self.home:
            return self._here(sentence, "elsewhere") or self.country
        if group.claimed_by == "all" and sentence not in self.own:
            return self._here(sentence, "other") or self.matter
        return None

    def _here(self, sentence: int, kind: RivalKind) -> str | None:
        return next((rival.name for rival in self.rivals.get(sentence, {}).values() if rival.kind == kind), None)


def _by_weight(item: tuple[str, float]) -> tuple[float, str]:
    return item[1], item[0]


def _verdict(topic: Topic, found: list[_Found], scan: Scan, window: WindowVerdict) -> Verdict:
    sides = _Sides(topic, found, scan.title_sentences)
    in_title: dict[Phrase, float] = {}
    in_text: Counter[tuple[str, float]] = Counter()
    terms: Counter[str] = Counter()
    claimed: Counter[str] = Counter()
    groups: set[str] = {HOME} if sides.home else set()
    counted_weight = claimed_weight = 0.0
    never: str | None = None
    for one in found:
        owner = one.rule.owner
        title = one.sentence <= scan.title_sentences
        if owner == NEVER and title:
            never = one.rule.phrase.text
        if not isinstance(owner, Group):
            continue
        loud = owner.weight * (topic.title_weight if title else 1.0)
        claimant = sides.claimant(owner, one.sentence)
        if claimant is not None:
            claimed[claimant] += 1
            claimed_weight += loud if claimant in (sides.country, sides.matter) else 0.0
            continue
        counted_weight += loud
        groups.add(owner.name)
        terms[one.rule.phrase.text] += 1
        if title:
            in_title[one.rule.phrase] = owner.weight
        else:
            in_text[one.rule.phrase.text, owner.weight] += 1
    damp = min(1.0, math.sqrt(FULL_WEIGHT_WORDS / max(1, scan.words)))
    score = topic.title_weight * sum(in_title.values())
    in_text_weight = sum(weight * (1 + math.log(count)) for (_, weight), count in in_text.items())
    if terms and sides.home:
        in_text_weight += topic.home_weight
    score += damp * in_text_weight
    if claimed_weight:
        score *= counted_weight / (counted_weight + claimed_weight)
    score = round(score, 3)
    missing = tuple(need for need in topic.require if groups.isdisjoint(need))
    matched = window != "outside" and never is None and not missing and score >= topic.threshold
    return Verdict(
        topic_id=topic.id,
        enabled=topic.enabled,
        matched=matched,
        score=score,
        threshold=topic.threshold,
        window=window,
        terms=dict(terms),
        in_title=bool(in_title),
        missing=missing,
        claimed=dict(claimed),
        never=never,
        reason=_reason(topic, score, window, missing, never, claimed),
    )


def _reason(
    topic: Topic,
    score: float,
    window: WindowVerdict,
    missing: tuple[tuple[str, ...], ...],
    never: str | None,
    claimed: Mapping[str, int],
) -> str:
    """Return the verdict in one line, the first thing that stood in the way."""
    if window == "outside":
        start, end = topic.window.start or "any day", topic.window.end or "any day"
        return f"published outside {start} to {end} (slack {topic.window.slack_days} days), or without a date"
    if never is not None:
        return f'the title has "{never}"'
    if missing:
        lacks = "; ".join("none of " + ", ".join(need) for need in missing)
    elif score < topic.threshold:
        lacks = f"score {score:g} is below the threshold {topic.threshold:g}"
    else:
        return f"score {score:g} reaches the threshold {topic.threshold:g}"
    if claimed:
        lacks += "; claimed by " + ", ".join(f"{name} ({count})" for name, count in claimed.items())
    return lacks
