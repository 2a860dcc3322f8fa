"""Groups texts into stories by majority: two groups become one when at least half of the pairs across them match. Pure.

Union-find would chain a story to its digest and on to everything the digest holds (precision 0.59 against 0.995).
The outcome depends only on the texts and links given, never on the order in which they came.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence

MAJORITY = 0.5
"""Share of the pairs across two groups that must match for them to become one."""


def group(order: Sequence[int], matches: Mapping[tuple[int, int], float]) -> list[list[int]]:
    """Return `order` cut into groups, each in the order given, the groups by their first member.

    `matches` maps pairs (in either direction, each once) to their similarity. The pair of groups with the
    greatest share of matches is joined first; among equals the most similar, then the earliest.
    """
    place = {body: at for at, body in enumerate(order)}
    members = {at: [at] for at in range(len(order))}
    across: dict[int, dict[int, tuple[int, float]]] = {at: {} for at in members}
    for (one, other), similarity in matches.items():
        a, b = place[one], place[other]
        across[a][b] = across[b][a] = (1, similarity)
    queue = [
        (-1.0, -round(total, 6), a, b, 1, 1) for a, row in across.items() for b, (_, total) in row.items() if a < b
    ]
    heapq.heapify(queue)
    while queue:
        _, _, a, b, size_a, size_b = heapq.heappop(queue)
        if a not in members or b not in members or len(members[a]) != size_a or len(members[b]) != size_b:
            continue
        members[a] += members.pop(b)
        across[a].pop(b)
        for c, (count, total) in across.pop(b).items():
            if c == a:
                continue
            before = across[a].get(c, (0, 0.0))
            across[a][c] = across[c][a] = (before[0] + count, before[1] + total)
            across[c].pop(b)
        for c, (count, total) in across[a].items():
            share = count / (len(members[a]) * len(members[c]))
            if share >= MAJORITY:
                first, second = min(a, c), max(a, c)
                heapq.heappush(
                    queue,
                    (-share, -round(total / count, 6), first, second, len(members[first]), len(members[second])),
                )
    return [[order[at] for at in sorted(found)] for _, found in sorted(members.items())]
