"""Groups the texts that hang together into stories, and writes what changed, within the caller's write transaction."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from archive import sketches, stories
from archive.database import Database
from archive.sketches import Link
from archive.stories import Member, Role, Standing
from pipelines.dedupe.linkage import group
from pipelines.dedupe.verdict import Pair, Relation, relation, settle

WITNESSES = 8
"""Articles of one text whose times are looked at, earliest first: a bound on time for a text in hundreds."""
REACH = 500
"""Texts regrouped at once at most: a bound on time where thousands hang together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where an article came to stand: `of_article_id` is what it repeats or is an excerpt of."""

    story_id: int
    role: Role
    similarity: float | None
    of_article_id: int | None


_DOUBTFUL = frozenset({"correction", "doubtful name", "doubtful number", "lone number"})
_MAY_MATCH = _DOUBTFUL | {"reprint"}


class _Neighbourhood:
    """The texts that hang together with some whose links changed, read from the archive as far as is needed.

    `inside` are those that may be in one story with one of them: whatever has other links than before is a seed.
    """

    def __init__(self, db: Database, seeds: AbstractSet[int]) -> None:
        self.db = db
        self.bodies: dict[int, sketches.Body] = {}
        self.links: dict[int, list[Link]] = {}
        self.members: dict[int, list[Member]] = {}
        self.relations: dict[Pair, Relation] = {}
        """What two texts are to each other, of every link in `links`."""
        self._load(seeds)
        edge = set(self.bodies)
        while edge and len(self.links) < REACH:
            mates = stories.bodies_of(db, {story for b in edge if (story := self.bodies[b].story_id) is not None})
            matching = {
                link.other_id for b in edge for link in self.links[b] if self.relations[b, link.other_id] in _MAY_MATCH
            }
            edge = (mates | matching) - self.links.keys()
            self._load(edge)
            edge &= self.bodies.keys()
        self.inside = frozenset(self.bodies)
        # a doubt is settled by what else both texts resemble
        doubtful = [body for body in self.inside if any(self._doubtful(body, link) for link in self.links[body])]
        self._load({link.other_id for body in doubtful for link in self.links[body]} - self.links.keys())

    def _load(self, bodies: AbstractSet[int]) -> None:
        listed = sorted(bodies)
        self.bodies |= sketches.bodies(self.db, listed)
        for body in listed:
            self.links.setdefault(body, [])
        beside: set[int] = set()
        fresh = sketches.links_of(self.db, listed)
        for link in fresh:
            self.links[link.body_id].append(link)
            beside.add(link.other_id)
        missing = sorted((bodies | beside) - self.members.keys())
        for body in missing:
            self.members[body] = []
        for member in stories.members_of(self.db, missing):
            self.members[member.body_id].append(member)
        for body in missing:
            self.members[body].sort(key=lambda member: (member.moment, member.article_id))
        for link in fresh:
            pair = link.body_id, link.other_id
            # the same from both sides
            self.relations[pair] = self.relations.get(pair[::-1]) or self._relation(link)

    def _relation(self, link: Link) -> Relation:
        """Return what the two texts of a link are to each other, their times considered."""
        mine, theirs = self.members[link.body_id][:WITNESSES], self.members[link.other_id][:WITNESSES]
        if len(mine) == len(theirs) == 1:
            apart = abs(mine[0].moment - theirs[0].moment)
        else:
            apart = min((abs(a.moment - b.moment) for a in mine for b in theirs), default=0)
        return relation(link.kind, link, apart / 3600)

    def _doubtful(self, body: int, link: Link) -> bool:
        return link.other_id in self.inside and self.relations[body, link.other_id] in _DOUBTFUL

    def matches(self) -> dict[tuple[int, int], float]:
        """Return the pairs that count as the same text, with their similarity."""
        found = {(body, link.other_id): link for body, links in self.links.items() for link in links}
        relations = {pair: what for pair, what in self.relations.items() if pair[1] in self.links}
        return {
            (one, other): found[one, other].similarity
            for one, other in settle(relations, found)
            if one < other and one in self.inside and other in self.inside
        }


def beside(db: Database, body_id: int) -> set[int]:
    """Return a text with all that it has links to: the texts to be grouped again when its times have changed."""
    return {body_id, *(link.other_id for link in sketches.links_of(db, [body_id]))}


def regroup(db: Database, seeds: AbstractSet[int], *, changed: AbstractSet[int] | None = None) -> dict[int, Placement]:
    """Group all texts that hang together with `seeds`, whose links have changed, again, and write what changed.

    `changed` are those whose articles or times have changed too, all of them where it is not given.
    """
    around = _Neighbourhood(db, seeds)
    first = {body: (around.members[body][0].moment, around.members[body][0].article_id) for body in around.inside}
    matches = around.matches()
    groups = group(sorted(around.inside, key=first.__getitem__), matches)
    free = {story for body in around.inside if (story := around.bodies[body].story_id) is not None}
    before: dict[int, set[int]] = {}
    for body in around.inside:
        if (story := around.bodies[body].story_id) is not None:
            before.setdefault(story, set()).add(body)
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
        story_id = placements[article_id].story_id
        if changed is None or before.get(story_id) != set(found) or not changed.isdisjoint(found):
            stories.describe_story(db, story_id, article_id)
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
    excerpts = [link for link in around.links[body] if link.kind == "excerpt"]
    others = sketches.bodies(around.db, [link.other_id for link in excerpts])
    wholes = [link for link in excerpts if others[link.other_id].tokens > around.bodies[body].tokens]
    return max(wholes, key=lambda link: (link.similarity, -around.members[link.other_id][0].moment), default=None)
