"""How many texts placing keeps in memory, which who places them decides: light, for who only decides."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Room:
    """Texts kept by this process."""

    new: int = 1_500
    """Texts lately placed (some 15 KB each): a quarter of a day of sixty outlets."""
    alike: int = 3_000
    """Texts lately compared (some 30 KB each): the fillings of a hundred templates that come once a day."""


ROOM = Room()


def keep_few() -> None:
    """Keep a few hundred: for a process of crawls, which brings some thirty a second where an import brings a thousand.
    The others are read again when something like them comes."""
    ROOM.new = ROOM.alike = 300
