from __future__ import annotations

from types import SimpleNamespace

import pytest
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    NotSupported,
    ResponseDataLossError,
)
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError

from archive.errors import DauysError
from crawler.reasons import Reason, Refused, TlsError, reason_of


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Refused(Reason.ROBOTS_DISALLOWED), "robots: disallowed"),
        (Refused(Reason.RETRY_AFTER, "60 s", retry_after_s=60), "retry-after"),
        (DownloadTimeoutError("x"), "time-out"),
        (CannotResolveHostError("x"), "unknown host"),
        (DownloadConnectionRefusedError("x"), "unreachable"),
        (ResponseDataLossError("x"), "truncated"),
        (DownloadCancelledError("x"), "too large"),
        (TlsError("x"), "tls"),
        (DownloadFailedError("x"), "broken answer"),
        (NotSupported("x"), "scheme refused"),
        (IgnoreRequest("x"), "ignored"),
        (HttpError(Response("https://outlet.example/", status=403)), "http 403"),
        (ConnectionResetError("x"), "unreachable"),
        (ZeroDivisionError("a bug"), "internal error"),
    ],
)
def test_each_error_has_its_words(error: BaseException, words: str) -> None:
    assert reason_of(error) == words


def test_the_words_hold_nothing_from_the_web() -> None:
    error = Refused(Reason.SCHEME_REFUSED, "<script>")
    assert reason_of(error) == "scheme refused"
    assert str(error) == "scheme refused: <script>"
    odd = DownloadFailedError("x")
    odd.response = SimpleNamespace(status="<script>")  # type: ignore[attr-defined]
    assert reason_of(odd) == "broken answer"


def test_a_refusal_is_one_to_scrapy_and_to_us() -> None:
    assert isinstance(Refused(Reason.TOO_LARGE), IgnoreRequest)
    assert isinstance(Refused(Reason.TOO_LARGE), DauysError)
