"""What a topic is, and how `topics.toml` is read and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, Literal, cast, get_args

from archive.config import ConfigError, Problem, Table, load_toml, nearest
from pipelines.words import LANGUAGES, Language, phrase_words

Undated = Literal["match", "skip"]
ClaimedBy = Literal["all", "elsewhere", "none"]
RivalKind = Literal["elsewhere", "other"]

HOME: Final = "home"
"""The name by which `require` refers to the words that say the article is about this country."""
IGNORE: Final = "ignore"
NEVER: Final = "never"
DEFAULT_SLACK_DAYS: Final = 2
"""Days by which a publication date may lie outside the window: time zones, and dates read a day wrong."""
DEFAULT_TITLE_WEIGHT: Final = 3.0
"""A term in the title counts as this many first mentions in the text."""

_LANGUAGE_KEYS: Final = tuple(LANGUAGES)
_TOPIC_KEYS: Final = (
    *("id", "name", "enabled", "window", "threshold", "title_weight", "home_weight", "require"),
    *("terms", "home", "rivals", "ignore", "never"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """One term: its language, the text as the file has it and its words; `*` stands for up to two words."""

    language: Language
    text: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Terms of one weight. `claimed_by` tells which rivals can take an occurrence away from the topic."""

    name: str
    weight: float
    phrases: tuple[Phrase, ...]
    claimed_by: ClaimedBy = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """Another thing the topic's words are used of.

    'elsewhere' is another country: a word of home in the same sentence beats it. 'other' is another matter of this
    country (an earlier vote, a company): only terms it cannot claim beat it.
    """

    name: str
    kind: RivalKind
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The publication dates a topic can have, both inclusive, widened by `slack_days`; None is open."""

    start: date | None = None
    end: date | None = None
    slack_days: int = DEFAULT_SLACK_DAYS
    undated: Undated = "match"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What to look for. `require` holds lists of group names: each list needs one of its groups in the article."""

    id: str
    name: Mapping[str, str]
    groups: tuple[Group, ...]
    enabled: bool = True
    window: Window = Window()
    threshold: float
    title_weight: float = DEFAULT_TITLE_WEIGHT
    require: tuple[tuple[str, ...], ...] = ()
    home: tuple[Phrase, ...] = ()
    home_weight: float = 0.0
    """What words of home add to the score of an article that has terms of the topic."""
    rivals: tuple[Rival, ...] = ()
    ignore: tuple[Phrase, ...] = ()
    """Set phrases whose words mean nothing here: Constitution Street."""
    never: tuple[Phrase, ...] = ()
    """In a title, these say that the article is about something else."""


def load_topics(path: Path) -> tuple[Topic, ...]:
    """Return the topics of a `topics.toml`, in order.

    Raises ConfigError with every problem found, each with file, line, table, key and the nearest known key.
    """
    file = load_toml(path)
    problems: list[Problem] = []
    top = Table(file=file, name="", data=file.data, problems=problems, many=False)
    top.unknown_keys(["topic", "home", "ignore", "rival"])
    shared = _Shared(
        home=_phrase_tables(top, "home"), ignore=_phrase_tables(top, "ignore"), rivals=_rivals(top, "rival")
    )
    tables = file.data.get("topic")
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        if "topic" in file.data or not problems:
            top.problem("topic", "there is no [[topic]] table", "write [[topic]] with two brackets")
        raise ConfigError(problems)
    topics: list[Topic] = []
    for number, data in enumerate(tables):
        label = data.get("id") if isinstance(data.get("id"), str) else None
        table = Table(file=file, name="topic", data=data, problems=problems, number=number, label=label)
        topic = _topic(table, shared)
        if topic is None:
            continue
        if any(topic.id == other.id for other in topics):
            table.problem("id", f'another topic is called "{topic.id}" already')
        topics.append(topic)
    if problems:
        raise ConfigError(problems)
    return tuple(topics)


def earliest_day(topics: Iterable[Topic]) -> date | None:
    """Return the first publication day that an enabled topic takes, slack included; None where one takes any."""
    days: list[date] = []
    for topic in topics:
        if topic.enabled and topic.window.start is None:
            return None
        if topic.enabled and topic.window.start is not None:
            days.append(topic.window.start - timedelta(days=topic.window.slack_days))
    return min(days, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What the file says once for all its topics."""

    home: tuple[Phrase, ...]
    ignore: tuple[Phrase, ...]
    rivals: tuple[Rival, ...]


def _topic(table: Table, shared: _Shared) -> Topic | None:
    table.unknown_keys(_TOPIC_KEYS)
    topic_id = table.text("id", required=True)
    if topic_id is not None and not all(char.isascii() and (char.isalnum() or char in "-_") for char in topic_id):
        table.problem("id", "may have Latin letters, digits, - and _ only")
    name = _name(table)
    threshold = table.number_of("threshold", least=0.1, most=1000, required=True)
    title_weight = table.number_of("title_weight", least=0, most=100)
    home_weight = table.number_of("home_weight", least=0, most=100)
    enabled = table.flag("enabled")
    window = _window(table)
    groups = _groups(table)
    require = _require(table, _group_names(table))
    home = _phrase_tables(table, "home")
    ignore = _phrase_tables(table, "ignore")
    never = _phrase_tables(table, "never")
    rivals = _rivals(table, "rivals")
    if topic_id is None or threshold is None or not groups:
        return None
    return Topic(
        id=topic_id,
        name=name,
        groups=groups,
        enabled=enabled is not False,
        window=window,
        threshold=threshold,
        title_weight=DEFAULT_TITLE_WEIGHT if title_weight is None else title_weight,
        require=require,
        home=shared.home + home,
        home_weight=home_weight or 0.0,
        rivals=shared.rivals + rivals,
        ignore=shared.ignore + ignore,
        never=never,
    )


def _inner(table: Table, key: str) -> Table | None:
    data = table.data.get(key)
    if data is None:
        return None
    if not isinstance(data, dict):
        table.problem(key, "must be a table like { … }")
        return None
    return Table(
        file=table.file,
        name=table.name,
        data=data,
        problems=table.problems,
        number=table.number,
        label=table.label,
        path=key,
    )


def _name(table: Table) -> dict[str, str]:
    inner = _inner(table, "name")
    if inner is None:
        if "name" not in table.data:
            table.problem("name", "is missing", 'write name = { kk = "…", ru = "…", en = "…" }')
        return {}
    inner.unknown_keys(_LANGUAGE_KEYS)
    return {key: text for key in _LANGUAGE_KEYS if (text := inner.text(key)) is not None}


def _window(table: Table) -> Window:
    inner = _inner(table, "window")
    if inner is None:
        return Window()
    inner.unknown_keys(["from", "to", "slack_days", "undated"])
    start, end = _date(inner, "from"), _date(inner, "to")
    if start and end and end < start:
        inner.problem("to", f"{end} is before from = {start}")
    slack = inner.number_of("slack_days", least=0, most=366)
    undated = inner.choice("undated", get_args(Undated))
    return Window(
        start=start,
        end=end,
        slack_days=DEFAULT_SLACK_DAYS if slack is None else int(slack),
        undated=cast(Undated, undated or "match"),
    )


def _date(table: Table, key: str) -> date | None:
    value = table.data.get(key)
    if value is None:
        return None
    if not isinstance(value, date) or isinstance(value, datetime):
        table.problem(key, "must be a date without quotes", "write it like 2026-03-15")
        return None
    return value


def _group_names(table: Table) -> set[str]:
    """Return the names of the groups, those of groups with another mistake too, so that one is not told as two."""
    terms = table.data.get("terms")
    inner = terms if isinstance(terms, list) else []
    return {HOME} | {str(one["group"]) for one in inner if isinstance(one, dict) and "group" in one}


def _require(table: Table, known: set[str]) -> tuple[tuple[str, ...], ...]:
    value = table.data.get("require", [])
    if not isinstance(value, list) or not all(isinstance(one, list) for one in value):
        table.problem("require", "must be a list of lists of group names", 'write require = [["a", "b"], ["c"]]')
        return ()
    found: list[tuple[str, ...]] = []
    for one in value:
        for name in one:
            if name not in known:
                table.problem("require", f'no [[topic.terms]] has group = "{name}"', nearest(str(name), sorted(known)))
        if one:
            found.append(tuple(map(str, one)))
        else:
            table.problem("require", "an empty list can never be met")
    return tuple(found)


def _groups(table: Table) -> tuple[Group, ...]:
    found: list[Group] = []
    for inner in table.tables("terms", required=True) or ():
        inner.unknown_keys(["group", "weight", "claimed_by", *_LANGUAGE_KEYS])
        name = inner.text("group", required=True)
        weight = inner.number_of("weight", least=0, most=100, required=True)
        claimed = inner.choice("claimed_by", get_args(ClaimedBy))
        phrases = _phrases(inner)
        if name is not None and weight is not None and phrases:
            found.append(Group(name=name, weight=weight, phrases=phrases, claimed_by=cast(ClaimedBy, claimed or "all")))
    return tuple(found)


def _rivals(table: Table, key: str) -> tuple[Rival, ...]:
    found: list[Rival] = []
    for inner in table.tables(key) or ():
        inner.unknown_keys(["name", "kind", *_LANGUAGE_KEYS])
        name = inner.text("name", required=True)
        kind = inner.choice("kind", get_args(RivalKind), required=True)
        phrases = _phrases(inner)
        if name is not None and kind is not None and phrases:
            found.append(Rival(name=name, kind=cast(RivalKind, kind), phrases=phrases))
    return tuple(found)


def _phrase_tables(table: Table, key: str) -> tuple[Phrase, ...]:
    inner = _inner(table, key)
    if inner is None:
        return ()
    inner.unknown_keys(_LANGUAGE_KEYS)
    return _phrases(inner)


def _phrases(table: Table) -> tuple[Phrase, ...]:
    found: list[Phrase] = []
    before = len(table.problems)
    for language in LANGUAGES:
        for place, text in enumerate(table.texts(language) or ()):
            words = phrase_words(text)
            if not words or words[0] == "*" or words[-1] == "*":
                table.problem(language, f'"{text}" must begin and end with a word', item=place)
                continue
            found.append(Phrase(language=language, text=text, words=words))
    if not found and len(table.problems) == before:
        table.problem(None, "has no terms", "write kk = […], ru = […] or en = […]")
    return tuple(found)
