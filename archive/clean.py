"""The one choke point through which every text from the web enters the archive."""

from __future__ import annotations

import re
from typing import overload

MAX_TEXT_CHARS = 5_000_000
"""A text is cut here: the longest legal act seen has 245,000 characters."""

# NUL ends a string for many readers; the other C0 controls, DEL and C1 are terminal escapes; a lone
# surrogate cannot be encoded and fails a whole batch of inserts; bidi overrides forge how a line reads.
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_MAIL = re.compile(
    r"(?:mailto:)?[^\s<>()\[\],;]{0,64}(?:@|\s?[(\[]\s?(?:at|собака)\s?[)\]]\s?)[^\s<>()\[\],;]{1,100}", re.IGNORECASE
)
_SPACE = re.compile(r"\s+")


def clean_text(text: str, limit: int = MAX_TEXT_CHARS) -> str:
    """Return `text` without control characters, with newlines as line ends, at most `limit` characters."""
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))[:limit]


@overload
def clean_line(text: str, limit: int) -> str: ...
@overload
def clean_line(text: str | None, limit: int) -> str | None: ...
def clean_line(text: str | None, limit: int) -> str | None:
    """Return `text` as one trimmed line of at most `limit` characters; None stays None."""
    if text is None:
        return None
    return _SPACE.sub(" ", clean_text(text, limit * 4)).strip()[:limit]


def without_mail(text: str) -> str:
    """Return `text` with a space in place of each address of mail, plain or written with (at)."""
    return _MAIL.sub(" ", text)
