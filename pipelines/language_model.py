"""The model that ranks languages, its largest table folded: most of it repeats, and all readers hold it."""

from __future__ import annotations

from array import array
from collections import Counter
from typing import Any

import numpy as np
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from pipelines.limits import own_memory

_BLOCK = 16
"""Next states that are kept together. The table has 256 for each of 38,346 states, 40 MB; of its blocks of sixteen one
in eleven is unlike the others, and with the index of them it takes 6 MB."""
_HIGH = bytes(byte // _BLOCK for byte in range(256))
_LOW = bytes(byte % _BLOCK for byte in range(256))


def load() -> Ranker:
    """Return the model, ready to rank."""
    with own_memory():
        model: Ranker = Ranker.from_model_file(MODEL_FILE, norm_probs=True)
        model.fold()
        return model


class Ranker(LanguageIdentifier):  # type: ignore[misc]
    """The library's model with the same answers; `fold` once before the first question."""

    __slots__ = ("_blocks", "_index", "_starts")

    def fold(self) -> None:
        """Replace the table of next states by its distinct blocks."""
        table = np.frombuffer(self.tk_nextmove, dtype=np.uint32).reshape(-1, _BLOCK)
        # a sum of odd multiples tells blocks apart; that it did is looked at
        odd = np.random.default_rng(7).integers(0, 2**63, _BLOCK, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
        # column by column, in a third of the time of a product of matrices, for which all is widened first
        sums = sum(column * number for column, number in zip(table.T, odd, strict=True))
        _, first, place = np.unique(sums, return_index=True, return_inverse=True)
        if not np.array_equal(table[first][place], table):
            raise AssertionError("two blocks have one sum")
        self._blocks = array("I", table[first].tobytes())
        self._index = array("I", (place * _BLOCK).astype(np.uint32).tobytes())
        self._starts = array("I", [row * (256 // _BLOCK) for row in self.tk_row])
        del table
        for name in ("tk_nextmove", "_rowbase"):  # slots of a class without types
            setattr(self, name, None)

    def _raw_score(self, text: bytes) -> Any:
        """Return the scores as the library does, from the folded table."""
        visits = self._visits(text)
        return self._sparse_score(visits, self.nb_ptc) if visits else super()._raw_score(b"")

    def _visits(self, text: bytes) -> Counter[int]:
        blocks, index, starts, output = self._blocks, self._index, self._starts, self.tk_output
        state = 0
        found: list[int] = []
        add = found.append
        for high, low in zip(text.translate(_HIGH), text.translate(_LOW), strict=True):
            state = blocks[index[starts[state] + high] + low]
            feature = output[state]
            if feature >= 0:
                add(feature)
        return Counter(found)
