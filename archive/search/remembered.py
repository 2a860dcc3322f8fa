"""Remembers what was worked out of the words met last, in little memory: common words stay, rare ones go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

LONGEST: Final = 64
"""Letters of a word that is remembered; what is longer is rare, or made to fill the memory."""

Value = TypeVar("Value")


class Remembered(dict[str, Value]):
    """Word -> what `find` makes of it, worked out when it is looked up and not remembered.

    When `most` words are remembered they become the old ones, and the old ones that were not asked for since are
    forgotten: what is common is worked out once, and no lookup that hits costs more than a dictionary's.
    """

    def __init__(self, find: Callable[[str], Value], most: int) -> None:
        super().__init__()
        self.find = find
        self.most = most
        self.old: dict[str, Value] = {}

    def __missing__(self, word: str) -> Value:
        value = self.old[word] if word in self.old else self.find(word)
        if len(word) <= LONGEST:
            if len(self) >= self.most:
                self.old = dict(self)
                self.clear()
            self[word] = value
        return value

    def forget(self) -> None:
        """Forget all."""
        self.old = {}
        self.clear()
