"""Stories kept one article at a time are those that all articles at once would give."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from archive import sketches, stories
from archive.db import open_archive, write
from archive.sketches import StoryIndexError
from archive.stories import standing_of
from pipelines.dedupe import Placement, place, rebuild, remove, replace, signature
from pipelines.dedupe.linkage import group
from pipelines.dedupe.marked import Words
from pipelines.dedupe.moment import moment
from pipelines.dedupe.nearby import HITS
from pipelines.dedupe.signature import sketch
from pipelines.dedupe.slots import Difference, difference
from pipelines.dedupe.verdict import LIKE, is_excerpt, likeness, relation, settle

START = datetime(2026, 3, 1, tzinfo=UTC)
SOURCES = ("dala", "jel", "steppe")
VOCABULARY = """
депутаты обсудили проект закона который вынесут весной жители региона задают вопросы комиссия готовит участки
наблюдатели прибыли заранее бюллетени напечатаны полностью школы открыты вечером транспорт ходит бесплатно
журналисты получили удостоверения эксперты объяснили порядок подсчёта голосов итоги объявят утром совет
собрался снова архив пополняется документами выставка проходит успешно мост построен рабочими река вышла
берегов синоптики обещают дождь урожай собран полностью заводы работают смену студенты сдали экзамены
музыканты записали альбом
"""
CITIES = ("Аксу", "Риддере", "Балхаше", "Темиртау", "Сарани", "Жанатасе")


def _wording(seed: int, length: int = 60) -> list[str]:
    rng = random.Random(seed)
    return [rng.choice(VOCABULARY.split()) for _ in range(length)]


def _text(words: list[str], city: str = "Павлодаре", number: int = 40) -> str:
    at = len(words) // 2
    return " ".join([*words[:5], "в", city, *words[5:at], str(number), *words[at:]]) + "."


def _pool() -> list[str]:
    texts = ["Фото.", "Короткая заметка из десяти слов о том что всё хорошо сегодня."]
    for seed in range(3):
        words = _wording(seed)
        texts += [_text(words), _text(words[:45]), _text(words) + " " + " ".join(_wording(seed + 50, 20))]
        edited = list(words)
        edited[20], edited[50] = "однако", "впрочем"
        texts.append(_text(edited))
        texts += [_text(words, city) for city in CITIES[: 2 * seed]]
        texts += [_text(words, number=number) for number in (41, 57, 93)[: seed + 1]]
    texts.append(_text(_wording(0)) + "\n" + " ".join(_wording(77, 120)))
    texts.append(_text(_wording(1)) + "\n" + _text(_wording(2)))
    # A text that one like it would miss is left out, so that chance plays no part in the property.
    kept: list[str] = []
    for text in texts:
        if all(_finds(text, other) for other in kept):
            kept.append(text)
    return kept


def _finds(text: str, other: str) -> bool:
    one, two = signature(text), signature(other)
    keys = set(sketch(one.shingles()).tolist()) & set(sketch(two.shingles()).tolist())
    return likeness(one, two) < LIKE or len(keys) >= HITS


POOL = _pool()


@dataclass(kw_only=True)
class Known:
    """What the test knows of a stored article."""

    text: str
    source: str
    published_at: str | None


@contextmanager
def _archive() -> Iterator[Database]:
    with TemporaryDirectory() as folder:
        db = open_archive(Path(folder) / "archive.db")
        with write(db):
            for source in SOURCES:
                db.execute(
                    "insert into sources(id, name, homepage, languages, kind) values (?, ?, '', '[]', 'private')",
                    (source, source),
                )
        yield db
        db.conn.close()


SEEN = "2026-03-20T00:00:00Z"


def _insert(db: Database, article_id: int, known: Known) -> Placement:
    db.execute(
        "insert into articles(id, url, url_key, source_id, title, published_at, first_seen_at, last_seen_at, words,"
        " text_sha256, text) values (?, ?, ?, ?, '', ?, ?, ?, 0, '', ?)",
        (article_id, f"u{article_id}", f"u{article_id}", known.source, known.published_at, SEEN, SEEN, known.text),
    )
    return place(db, article_id, **_facts(known))


def _facts(known: Known) -> dict[str, Any]:
    return {
        "title": None,
        "text": known.text,
        "language": "ru",
        "source_id": known.source,
        "published_at": known.published_at,
        "first_seen_at": SEEN,
    }


def _from_scratch(articles: dict[int, Known]) -> dict[int, tuple[frozenset[int], str, float | None]]:
    """Compute stories, roles and similarities of all articles at once, without an index."""
    when = {n: moment(a.published_at, SEEN) for n, a in articles.items()}
    bodies: dict[int, list[int]] = {}
    for n in sorted(articles, key=lambda n: (when[n], n)):
        made = signature(articles[n].text)
        bodies.setdefault(made.digest if made.tokens >= 8 else -n, []).append(n)
    order = sorted(bodies, key=lambda b: (when[bodies[b][0]], bodies[b][0]))
    made = {b: signature(articles[bodies[b][0]].text) for b in bodies}
    relations, found, similar, wholes = {}, {}, {}, {}
    for a, b in combinations(order, 2):
        similarity = round(likeness(made[a], made[b]), 4)
        if similarity < LIKE:
            continue
        texts = [articles[bodies[x][0]].text for x in (a, b)]
        kind = "excerpt" if is_excerpt(made[a], made[b]) else "wording"
        differing = difference(Words(texts[0]), Words(texts[1])) if kind == "wording" else Difference()
        pairs = [(x, y) for x in bodies[a] for y in bodies[b]]
        hours = min(abs(when[x] - when[y]) for x, y in pairs) / 3600
        for pair in ((a, b), (b, a)):
            relations[pair], found[pair], similar[pair] = relation(kind, differing, hours), differing, similarity
        if kind == "excerpt":
            short = min((a, b), key=lambda x: made[x].tokens)
            wholes[short] = max(wholes.get(short, 0.0), similarity)
    matches = {pair: similar[pair] for pair in settle(relations, found) if order.index(pair[0]) < order.index(pair[1])}
    result = {}
    for story in group(order, matches):
        everyone = frozenset(n for b in story for n in bodies[b])
        for b in story:
            against = [matches.get((b, m), matches.get((m, b), 0.0)) for m in story if m != b]
            for n in bodies[b]:
                similarity = 1.0 if b == story[0] else against[0] or max(against)
                result[n] = (everyone, "reprint", similarity)
        first = bodies[story[0]][0]
        excerpt = len(everyone) == 1 and story[0] in wholes
        result[first] = (everyone, "excerpt", wholes[story[0]]) if excerpt else (everyone, "first", None)
    return result


def _kept(db: Database) -> dict[int, tuple[frozenset[int], str, float | None]]:
    """Read stories, roles and similarities from the archive, and check that its tables agree with each other."""
    rows = db.execute("select id, story_id, story_role, story_similarity from articles").fetchall()
    together: dict[int, set[int]] = {}
    for article, story, _, _ in rows:
        together.setdefault(story, set()).add(article)
    counted = dict(db.execute("select id, articles from stories").fetchall())
    assert counted == {story: len(members) for story, members in together.items()}
    for story, first, sources in db.execute("select id, first_article_id, sources from stories").fetchall():
        assert first in together[story]
        marks = ",".join(map(str, together[story]))
        assert (
            sources == db.execute(f"select count(distinct source_id) from articles where id in ({marks})").fetchone()[0]
        )
        assert sorted(role for a, s, role, _ in rows if s == story and role != "reprint") in (["first"], ["excerpt"])
    reprints = {n for n, _, role, _ in rows if role == "reprint"}
    assert {n for (n,) in db.execute("select article_id from reprints")} == reprints
    return {n: (frozenset(together[story]), role, similarity) for n, story, role, similarity in rows}


moments = st.one_of(
    st.none(),
    st.integers(0, 400).map(lambda h: (START + timedelta(hours=h)).strftime("%Y-%m-%dT%H:%M:%SZ")),
    st.integers(0, 18).map(lambda d: (START + timedelta(days=d)).strftime("%Y-%m-%d")),
)
steps = st.lists(
    st.tuples(
        st.sampled_from(("add", "add", "add", "text", "date", "remove")),
        st.sampled_from(POOL),
        st.sampled_from(SOURCES),
        moments,
        st.integers(0, 30),
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps)
def test_any_history_ends_where_a_computation_from_scratch_does(history: list[tuple[Any, ...]]) -> None:
    """Adding, changing, re-dating and removing articles in any order leaves what all at once would give."""
    articles: dict[int, Known] = {}
    with _archive() as db:
        for number, (what, text, source, published_at, which) in enumerate(history, 1):
            chosen = sorted(articles)[which % len(articles)] if articles else None
            with write(db):
                if what == "add" or chosen is None:
                    articles[number] = Known(text=text, source=source, published_at=published_at)
                    placement = _insert(db, number, articles[number])
                    standing = standing_of(db, number)
                    assert standing is not None
                    assert (standing.role, standing.similarity) == (placement.role, placement.similarity)
                elif what == "remove":
                    articles.pop(chosen)
                    remove(db, chosen)
                    db.execute("delete from articles where id = ?", (chosen,))
                else:
                    known = articles[chosen]
                    if what == "text":
                        known.text = text
                    else:
                        known.published_at = published_at
                    db.execute(
                        "update articles set text = ?, published_at = ? where id = ?",
                        (known.text, known.published_at, chosen),
                    )
                    replace(db, chosen, **_facts(known))
        expected = _from_scratch(articles)
        assert _kept(db) == expected
        assert rebuild(db) == len(articles)
        assert _kept(db) == expected


def test_a_late_link_merges_two_stories() -> None:
    """Two texts too different to be one story become one when the text between them arrives."""
    words = _wording(5, 100)
    head, tail, whole = _text(words[:55]), _text(words[45:]), _text(words)
    with _archive() as db, write(db):
        for number, text in enumerate((head, tail), 1):
            _insert(db, number, Known(text=text, source=SOURCES[number], published_at=f"2026-03-0{number}T08:00:00Z"))
        assert len({members for members, _, _ in _kept(db).values()}) == 2
        placement = _insert(db, 3, Known(text=whole, source="dala", published_at="2026-03-03T08:00:00Z"))
        assert placement.role == "reprint"
        assert _kept(db)[1][0] == {1, 2, 3}
        assert _kept(db)[1][1] == "first"


def test_a_corrected_date_changes_who_was_first() -> None:
    """The article that turns out to be earlier becomes the first, and the other its reprint."""
    with _archive() as db, write(db):
        for number, day in ((1, 5), (2, 6)):
            _insert(db, number, Known(text=POOL[2], source=SOURCES[number], published_at=f"2026-03-0{day}T08:00:00Z"))
        assert _kept(db)[2][1:] == ("reprint", 1.0)
        db.execute("update articles set published_at = '2026-03-04T08:00:00Z' where id = 2")
        earlier = Known(text=POOL[2], source="steppe", published_at="2026-03-04T08:00:00Z")
        placement = replace(db, 2, **_facts(earlier))
        assert placement.role == "first"
        assert _kept(db)[1][1:] == ("reprint", 1.0)
        assert db.execute("select delay_minutes from reprints").fetchone()[0] == 24 * 60


def test_a_footer_makes_no_reprints() -> None:
    """Short notices of one outlet under one long footer stay apart once the footer is known, the first ones too."""
    footer = "Подписывайтесь на рассылку редакции. " + " ".join(_wording(90, 60))
    with _archive() as db, write(db):
        for number in range(1, 7):
            text = " ".join(_wording(100 + number, 25)) + "\n" + footer
            _insert(db, number, Known(text=text, source="dala", published_at=f"2026-03-0{number}T08:00:00Z"))
        assert len({members for members, _, _ in _kept(db).values()}) == 6
        copy = Known(text=" ".join(_wording(101, 25)), source="jel", published_at="2026-03-01T09:00:00Z")
        assert _insert(db, 7, copy).role == "reprint"


def test_copies_share_one_row() -> None:
    """Equal texts are one body, whatever their case and quotes."""
    with _archive() as db, write(db):
        for number, text in enumerate((POOL[2], POOL[2].upper(), f"«{POOL[2]}»"), 1):
            _insert(db, number, Known(text=text, source=SOURCES[number - 1], published_at=None))
        assert db.execute("select count(*) from story_bodies").fetchone()[0] == 1
        assert len(_kept(db)[1][0]) == 3


def test_an_index_of_another_scheme_asks_to_be_built_again() -> None:
    """Nothing is placed in an index made otherwise; building it again mends it."""
    with _archive() as db:
        article = Known(text=POOL[2], source="dala", published_at=None)
        with write(db):
            _insert(db, 1, article)
            sketches.set_scheme(db, 999)
        with pytest.raises(StoryIndexError, match="reindex-stories"), write(db):
            _insert(db, 2, article)
        progress: list[int] = []
        assert rebuild(db, progress.append) == 1
        assert progress == [1]
        with write(db):
            assert _insert(db, 2, article).role == "reprint"


def test_an_interrupted_rebuild_is_noticed() -> None:
    """Between the batches of a rebuild the index says that it is half built."""
    with _archive() as db, write(db):
        sketches.clear(db)
        stories.clear_stories(db)
        with pytest.raises(StoryIndexError, match="half built"):
            _insert(db, 1, Known(text=POOL[2], source="dala", published_at=None))
