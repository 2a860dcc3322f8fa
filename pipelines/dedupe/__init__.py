"""Recognises reprints: signature and verdict are pure; `place`, `replace` and `remove` keep an archive's stories."""

from __future__ import annotations

from pipelines.dedupe.grouping import Placement
from pipelines.dedupe.placing import place, rebuild, remove, replace
from pipelines.dedupe.signature import SCHEME, Signature, signature

__all__ = ["SCHEME", "Placement", "Signature", "place", "rebuild", "remove", "replace", "signature"]
