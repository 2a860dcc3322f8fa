"""Recognises reprints: signature and verdict are pure, `place`, `replace` and `remove` keep the stories of an archive."""

from __future__ import annotations

from pipelines.dedupe.placing import Placement, place, rebuild, remove, replace
from pipelines.dedupe.signature import SCHEME, Signature, signature

__all__ = ["SCHEME", "Placement", "Signature", "place", "rebuild", "remove", "replace", "signature"]
