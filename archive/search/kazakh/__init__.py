"""Kazakh word forms: `is_form_of` asks about two words, `analyse` finds the base of one."""

from __future__ import annotations

from archive.search.kazakh.grammar import MAX_WORD
from archive.search.kazakh.recognise import inflect, is_form_of

__all__ = ["MAX_WORD", "inflect", "is_form_of"]
