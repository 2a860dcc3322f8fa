"""Places articles in stories, one at a time, within the caller's write transaction."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

import xxhash
from sqlite_utils import Database

from archive import sketches, stories
from archive.db import write
from archive.sketches import Link
from archive.stories import Member, Role, Standing
from pipelines.dedupe.linkage import group
from pipelines.dedupe.moment import moment
from pipelines.dedupe.signature import SCHEME, Signature, shared, signature, sketch
from pipelines.dedupe.slots import Difference, Words, difference
from pipelines.dedupe.verdict import LEAST_TOKENS, LIKE, Circumstances, Relation, is_excerpt, likeness, relation, settle

FOOTER_TEXTS = 4
"""A paragraph in so many different texts of one outlet is its footer, not its news."""
FOOTER_REST = 0.5
"""Unless what remains of the two texts without it still shares so much: then they are versions of one article."""
WITNESSES = 8
"""Articles of one text whose outlet and time are looked at, earliest first: a bound on time for a text in hundreds."""
LEAST_EXACT = 8
"""Texts shorter than this are nobody's copy, not even when equal: 'Photo: press service'."""
REACH = 500
"""Texts regrouped at once at most: a bound on time where thousands hang together."""
PATIENCE = 12
"""Fillings of one template in a row after which the less similar texts are not compared any more."""
KEPT_SIGNATURES = 2_000
"""Signatures of recent texts kept in memory (some 5 KB each)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where an article came to stand: `of_article_id` is what it repeats or is an excerpt of."""

    story_id: int
    role: Role
    similarity: float | None
    of_article_id: int | None


class _Recent:
    """The texts lately compared, with their signatures: copies come within hours of each other."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, tuple[Signature, str]] = OrderedDict()

    def get(self, db: Database, body_id: int, digest: int) -> tuple[Signature, str]:
        """Return signature and text of a body."""
        if digest in self._kept:
            self._kept.move_to_end(digest)
            return self._kept[digest]
        text = sketches.text_of_body(db, body_id)
        return self.keep(signature(text), text)

    def keep(self, made: Signature, text: str) -> tuple[Signature, str]:
        """Remember a signature."""
        self._kept[made.digest] = (made, text)
        if len(self._kept) > KEPT_SIGNATURES:
            self._kept.popitem(last=False)
        return made, text


_recent = _Recent()


def place(
    db: Database,
    article_id: int,
    *,
    title: str | None,
    text: str,
    language: str | None,
    source_id: str,
    published_at: str | None,
    first_seen_at: str,
    made: Signature | None = None,
) -> Placement:
    """Put a new article, whose row is already stored, into its story and return where it stands.

    `made` is `signature(text)` where the caller computed it beforehand, outside the transaction. Raises
    StoryIndexError when the index was made by another version of the scheme.
    """
    sketches.check_scheme(db, SCHEME)
    made = made or signature(text)
    when = moment(published_at, first_seen_at)
    period = sketches.period_of(when)
    digest = made.digest if made.tokens >= LEAST_EXACT else _alone(article_id)
    body = sketches.find_body(db, digest)
    if body is not None:
        fresh = period not in sketches.periods_of_body(db, body.id)
        sketches.add_member(db, article_id, body.id, when)
        touched = _connect(db, body.id, made, text, period) if fresh else {body.id}
        return _regroup(db, touched)[article_id]
    body_id = sketches.add_body(db, digest, made.tokens, None)
    sketches.add_member(db, article_id, body_id, when)
    touched = _connect(db, body_id, made, text, period)
    if len(touched) > 1:
        return _regroup(db, touched)[article_id]
    story_id = stories.open_story(db, article_id, published_at or first_seen_at)
    stories.assign_bodies(db, story_id, [body_id])
    stories.stand(db, [Standing(article_id=article_id, story_id=story_id, role="first", similarity=None)])
    return Placement(story_id=story_id, role="first", similarity=None, of_article_id=None)


def replace(
    db: Database,
    article_id: int,
    *,
    title: str | None,
    text: str,
    language: str | None,
    source_id: str,
    published_at: str | None,
    first_seen_at: str,
    made: Signature | None = None,
    old_text: str | None = None,
) -> Placement:
    """Place an article again whose row has changed: another text, or a corrected date.

    `old_text`, where it is at hand, lets the old text's postings be removed at once; they are passed over
    otherwise.
    """
    sketches.check_scheme(db, SCHEME)
    made = made or signature(text)
    member = sketches.member_body(db, article_id)
    when = moment(published_at, first_seen_at)
    if member is not None and made.tokens >= LEAST_EXACT:
        body = sketches.find_body(db, made.digest)
        if body is not None and body.id == member[0]:
            period = sketches.period_of(when)
            fresh = period not in sketches.periods_of_body(db, body.id)
            sketches.move_member(db, article_id, when)
            touched = _connect(db, body.id, made, text, period) if fresh else {body.id}
            return _regroup(db, touched)[article_id]
    remove(db, article_id, text=old_text)
    return place(
        db, article_id, title=title, text=text, language=language, source_id=source_id,
        published_at=published_at, first_seen_at=first_seen_at, made=made,
    )  # fmt: skip


def remove(db: Database, article_id: int, *, text: str | None = None) -> None:
    """Take an article out of its story and its text, where no other article has it, out of the index.

    Call it before the article's row is deleted. `text` is the text it was placed with.
    """
    member = sketches.member_body(db, article_id)
    if member is None:
        return
    body_id = member[0]
    touched = {link.other_id for link in sketches.links_of(db, [body_id])}
    periods = sketches.periods_of_body(db, body_id)
    body = sketches.bodies(db, [body_id])[body_id]
    sketches.remove_member(db, article_id)
    stories.leave_story(db, article_id)
    if stories.members_of(db, [body_id]):
        _regroup(db, touched | {body_id})
        return
    mates = stories.bodies_of(db, [body.story_id] if body.story_id else []) - {body_id}
    if text is not None:
        keys = sketch(signature(text).shingles())
        for period in periods:
            sketches.remove_postings(db, period, body_id, keys)
    sketches.remove_body(db, body_id)
    if touched | mates:
        _regroup(db, touched | mates)
    if body.story_id is not None and not mates:
        stories.close_stories(db, [body.story_id])


def rebuild(db: Database, progress: Callable[[int], None] | None = None, batch: int = 500) -> int:
    """Build index and stories again from the stored articles and return how many there were.

    Commits every `batch` articles and calls `progress` with how many are done. Until it has ended, placing
    raises StoryIndexError; an interrupted one is simply run again.
    """
    with write(db):
        sketches.clear(db)
        stories.clear_stories(db)
    done = 0
    for rows in stories.batches_of_articles(db, batch):
        with write(db):
            sketches.set_scheme(db, SCHEME)
            for row in rows:
                place(db, **row)
            sketches.set_scheme(db, sketches.UNFINISHED)
        done += len(rows)
        if progress is not None:
            progress(done)
    with write(db):
        sketches.set_scheme(db, SCHEME)
    return done


def _alone(article_id: int) -> int:
    """Return the digest of a text too short to be anybody's copy."""
    return xxhash.xxh3_64_intdigest(b"alone %d" % article_id) >> 1


def _connect(db: Database, body_id: int, made: Signature, text: str, period: int) -> set[int]:
    """Make a text findable, compare it with those found, and return all texts whose links changed."""
    sources = _sources(db, [body_id])
    footers = sketches.footers_of(db, sources[body_id])
    if len(made.kept(footers)) < LEAST_TOKENS:
        return {body_id}
    keys = sketch(made.shingles(footers))
    found = sketches.bodies(db, (other for other in sketches.candidates(db, period, keys) if other != body_id))
    sketches.add_postings(db, period, body_id, keys)
    if not found:
        return {body_id}
    _recent.keep(made, text)
    known = {other: _recent.get(db, other, body.digest) for other, body in found.items()}
    sources |= _sources(db, known)
    for source in sources[body_id]:
        mates = {other: known[other][0] for other in known if source in sources[other]}
        learnt = _footers(made, mates.values()) - footers
        if learnt:
            sketches.add_footers(db, source, learnt)
            return _connect_again(db, {body_id, *(o for o in mates if learnt & mates[o].long_paragraphs)})
    touched = {body_id}
    like: list[tuple[float, int, AbstractSet[int]]] = []
    for other, (other_made, _) in known.items():
        left_out = footers | sketches.footers_of(db, sources[other] - sources[body_id])
        similarity = likeness(made, other_made, left_out)
        if similarity >= LIKE:
            like.append((similarity, other, left_out))
    patience = PATIENCE
    mine = Words(text)
    for similarity, other, left_out in sorted(like, key=lambda found: found[:2], reverse=True):
        other_made, other_text = known[other]
        kind: Literal["wording", "excerpt"] = "excerpt" if is_excerpt(made, other_made, left_out) else "wording"
        differing = difference(mine, Words(other_text)) if kind == "wording" else Difference()
        sketches.add_link(db, _link(body_id, other, kind, similarity, differing))
        touched.add(other)
        patience = patience - 1 if differing.fillers else PATIENCE
        if not patience:
            break
    return touched


def _connect_again(db: Database, bodies: AbstractSet[int]) -> set[int]:
    """Compare texts anew from the start, now that some of their paragraphs are known as footers."""
    touched = set(bodies)
    found = sketches.bodies(db, sorted(bodies))
    for body_id in found:
        touched.update(link.other_id for link in sketches.links_of(db, [body_id]))
        sketches.remove_links(db, body_id)
    for body_id, body in found.items():
        made, text = _recent.get(db, body_id, body.digest)
        for period in sorted(sketches.periods_of_body(db, body_id)):
            touched |= _connect(db, body_id, made, text, period)
    return touched


def _footers(made: Signature, mates: Iterable[Signature]) -> set[int]:
    """Return the paragraphs of a text that stand in enough other texts of the outlet to be its footer."""
    seen: dict[int, int] = {}
    for mate in mates:
        common = made.long_paragraphs & mate.long_paragraphs
        if not common:
            continue
        mine, theirs = made.shingles(common), mate.shingles(common)
        least = min(len(mine), len(theirs))
        if least and shared(mine, theirs) >= FOOTER_REST * least:
            continue
        for paragraph in common:
            seen[paragraph] = seen.get(paragraph, 0) + 1
    return {paragraph for paragraph, count in seen.items() if count >= FOOTER_TEXTS - 1}


def _sources(db: Database, bodies: Iterable[int]) -> dict[int, set[str]]:
    """Return the outlets that have each of `bodies`."""
    listed = list(bodies)
    result: dict[int, set[str]] = {body: set() for body in listed}
    for member in stories.members_of(db, listed):
        result[member.body_id].add(member.source_id)
    return result


def _link(
    body_id: int, other_id: int, kind: Literal["wording", "excerpt"], similarity: float, differing: Difference
) -> Link:
    return Link(
        body_id=body_id,
        other_id=other_id,
        kind=kind,
        similarity=round(similarity, 4),
        names=differing.names,
        openings=differing.openings,
        numbers=differing.numbers,
        agreed=differing.agreed,
        edits=differing.edits,
        frame=differing.frame,
    )


def _found(link: Link) -> Difference:
    return Difference(
        names=link.names,
        openings=link.openings,
        numbers=link.numbers,
        agreed=link.agreed,
        edits=link.edits,
        frame=link.frame,
    )


_MAY_MATCH = frozenset({"reprint", "correction", "doubtful name", "doubtful number", "lone number"})


class _Neighbourhood:
    """The texts that hang together with some that changed, read from the archive as far as is needed."""

    def __init__(self, db: Database, seeds: AbstractSet[int]) -> None:
        self.db = db
        self.bodies: dict[int, sketches.Body] = {}
        self.links: dict[int, list[Link]] = {}
        self.members: dict[int, list[Member]] = {}
        self._load(seeds)
        self._load({link.other_id for links in self.links.values() for link in links} - self.links.keys())
        edge = set(self.bodies)
        while edge and len(self.links) < REACH:
            mates = stories.bodies_of(db, {story for b in edge if (story := self.bodies[b].story_id) is not None})
            matching = {link.other_id for b in edge for link in self.links[b] if self.relation(link) in _MAY_MATCH}
            edge = (mates | matching) - self.links.keys()
            self._load(edge)
            edge &= self.bodies.keys()
        self.inside = frozenset(self.bodies)
        self._load({link.other_id for links in self.links.values() for link in links} - self.links.keys())

    def _load(self, bodies: AbstractSet[int]) -> None:
        listed = sorted(bodies)
        self.bodies |= sketches.bodies(self.db, listed)
        for body in listed:
            self.links.setdefault(body, [])
        beside: set[int] = set()
        for link in sketches.links_of(self.db, listed):
            self.links[link.body_id].append(link)
            beside.add(link.other_id)
        missing = sorted((bodies | beside) - self.members.keys())
        for body in missing:
            self.members[body] = []
        for member in stories.members_of(self.db, missing):
            self.members[member.body_id].append(member)
        for body in missing:
            self.members[body].sort(key=lambda member: (member.moment, member.article_id))

    def relation(self, link: Link) -> Relation:
        """Return what the two texts of a link are to each other, their outlets and times considered."""
        pairs = [
            (a, b) for a in self.members[link.body_id][:WITNESSES] for b in self.members[link.other_id][:WITNESSES]
        ]
        around = Circumstances(
            same_source=any(a.source_id == b.source_id for a, b in pairs),
            hours=min((abs(a.moment - b.moment) for a, b in pairs), default=0) / 3600,
        )
        return relation(link.kind, _found(link), around)

    def matches(self) -> dict[tuple[int, int], float]:
        """Return the pairs that count as the same text, with their similarity."""
        similarity = {(link.body_id, link.other_id): link.similarity for links in self.links.values() for link in links}
        found = {(link.body_id, link.other_id): _found(link) for links in self.links.values() for link in links}
        relations = {
            (link.body_id, link.other_id): self.relation(link)
            for links in self.links.values()
            for link in links
            if link.other_id in self.links
        }
        return {
            (one, other): similarity[one, other]
            for one, other in settle(relations, found)
            if one < other and one in self.inside and other in self.inside
        }


def _regroup(db: Database, seeds: AbstractSet[int]) -> dict[int, Placement]:
    """Group all texts that hang together with `seeds` again, and write what changed."""
    around = _Neighbourhood(db, seeds)
    first = {body: (around.members[body][0].moment, around.members[body][0].article_id) for body in around.inside}
    matches = around.matches()
    groups = group(sorted(around.inside, key=first.__getitem__), matches)
    free = {story for body in around.inside if (story := around.bodies[body].story_id) is not None}
    placements: dict[int, Placement] = {}
    for found in groups:
        own = [s for body in found if (s := around.bodies[body].story_id) is not None and s in free]
        story_id = own[0] if own else stories.new_story(db)
        free.discard(story_id)
        stories.assign_bodies(db, story_id, (body for body in found if around.bodies[body].story_id != story_id))
        placements |= _standings(story_id, found, around, matches)
    stories.stand(
        db,
        [
            Standing(article_id=article, story_id=p.story_id, role=p.role, similarity=p.similarity)
            for article, p in placements.items()
        ],
    )
    for found in groups:
        article_id = first[found[0]][1]
        stories.describe_story(db, placements[article_id].story_id, article_id)
    stories.close_stories(db, free)
    return placements


def _standings(
    story_id: int, found: list[int], around: _Neighbourhood, matches: dict[tuple[int, int], float]
) -> dict[int, Placement]:
    """Return the placement of every article of one story, whose texts are in order of publication."""
    opening = around.members[found[0]][0].article_id
    result: dict[int, Placement] = {}
    for body in found:
        similarity, of = 1.0, opening
        if body != found[0]:
            against = [(matches.get((min(body, mate), max(body, mate)), 0.0), mate) for mate in found if mate != body]
            similarity = against[0][0]
            if not similarity:
                similarity, mate = max(against, key=lambda pair: pair[0])
                of = around.members[mate][0].article_id
        for member in around.members[body]:
            result[member.article_id] = Placement(
                story_id=story_id, role="reprint", similarity=similarity, of_article_id=of
            )
    whole = _whole(found[0], around) if len(result) == 1 else None
    if whole is None:
        result[opening] = Placement(story_id=story_id, role="first", similarity=None, of_article_id=None)
    else:
        result[opening] = Placement(
            story_id=story_id,
            role="excerpt",
            similarity=whole.similarity,
            of_article_id=around.members[whole.other_id][0].article_id,
        )
    return result


def _whole(body: int, around: _Neighbourhood) -> Link | None:
    """Return the link to the text that most surely holds all of this one, or None."""
    tokens = {other: found.tokens for other, found in around.bodies.items()}
    tokens |= {
        other: found.tokens
        for other, found in sketches.bodies(
            around.db, [link.other_id for link in around.links[body] if link.other_id not in tokens]
        ).items()
    }
    wholes = [link for link in around.links[body] if link.kind == "excerpt" and tokens[link.other_id] > tokens[body]]
    return max(wholes, key=lambda link: (link.similarity, -around.members[link.other_id][0].moment), default=None)
