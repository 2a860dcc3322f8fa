"""How many new links a list may bring: one that writes itself anew at every look must not fill an archive. Pure."""

from __future__ import annotations

from dataclasses import dataclass

LINKS_A_DAY = 10_000
"""New links of one entry, and all that it leads to, in one day (UTC): twice what one look takes at most. The busiest
outlets met publish some hundreds a day, and only the first look at an archive of years brings thousands."""
MAX_WAITING = 20_000
"""Links of one outlet that wait to be fetched: first looks at four such archives, and a day's work at a page in four
seconds."""
FEW_A_DAY = 1_000
"""New links a day that an entry may bring however many wait: today's news is not kept out by what another entry of the
same outlet piled up, for the newest are fetched first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a list's links: `new` ones are in the frontier, `left_out` ones are not, for the reason `why`."""

    new: int
    left_out: int = 0
    why: str | None = None


def room(*, today: int, waiting: int) -> tuple[int, str]:
    """Return how many new links an entry may bring yet, and why not more.

    `today` is how many it brought this day, `waiting` how many links of its outlet wait.
    """
    by_day, by_queue = LINKS_A_DAY - today, MAX_WAITING - waiting
    why = f"more than {LINKS_A_DAY:,} new ones a day" if by_day <= by_queue else f"more than {MAX_WAITING:,} wait"
    return max(0, min(by_day, by_queue), FEW_A_DAY - today), why
