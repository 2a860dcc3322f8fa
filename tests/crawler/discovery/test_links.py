"""Addresses come out in one spelling or are refused with a reason; nothing raises."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.discovery.links import MAX_URL_LENGTH, Refusal, clean_url, domains_of, in_domains, unglue

BASE = "https://gazeta.example/novosti/index.html"


@pytest.mark.parametrize(
    ("raw", "url"),
    [
        ("/a/1", "https://gazeta.example/a/1"),
        ("  /a/1 \n", "https://gazeta.example/a/1"),
        ("/a\n/1\t", "https://gazeta.example/a/1"),
        ("\ufeffhttps://gazeta.example/a", "https://gazeta.example/a"),
        ("../b?x=1&y=2#top", "https://gazeta.example/b?x=1&y=2"),
        ("?page=2", "https://gazeta.example/novosti/index.html?page=2"),
        ("//kaz.gazeta.example/b", "https://kaz.gazeta.example/b"),
        ("http:/gazeta.example/x", "http://gazeta.example/x"),
        ("http:\\\\gazeta.example\\x", "http://gazeta.example/x"),
        ("HTTPS://GAZETA.example/X", "https://gazeta.example/X"),
        ("https://gazeta.example./x", "https://gazeta.example/x"),
        ("/жаңалық", "https://gazeta.example/%D0%B6%D0%B0%D2%A3%D0%B0%D0%BB%D1%8B%D2%9B"),
        ("https://gazeta.examplehttps://sport.example/x", "https://sport.example/x"),
        ("https://cache.example/web/https://gazeta.example/x", "https://cache.example/web/https://gazeta.example/x"),
        ("http://2130706433/", "http://127.0.0.1/"),  # no longer disguised: what may be connected to is decided later
    ],
)
def test_followable_addresses_come_out_absolute_and_in_one_spelling(raw: str, url: str) -> None:
    assert clean_url(raw, BASE) == url


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", "no link"),
        ("#comments", "no link"),
        ("javascript:void(0)", "scheme javascript"),
        ("JAVA\nSCRIPT:alert(1)", "scheme javascript"),
        ("data:text/html,x", "scheme data"),
        ("file:///etc/passwd", "scheme file"),
        ("mailto:a@b.example", "scheme mailto"),
        ("http://user:secret@gazeta.example/", "credentials"),
        ("//user@gazeta.example/", "credentials"),
        ("http://[::1", "IPv6"),
        ("http://gazeta.example:99999/", "port"),
        ("http://exa mple.kz/", "host"),
        ("http://", "host"),
        ("/" + "a" * MAX_URL_LENGTH, "longer"),
        ("/" + "a" * 1_000_000, "longer"),
    ],
)
def test_addresses_that_are_not_followed_say_why(raw: str, reason: str) -> None:
    refusal = clean_url(raw, BASE)
    assert isinstance(refusal, Refusal)
    assert reason in refusal.reason


def test_the_other_domains_of_a_source_are_its_own_and_nobody_elses() -> None:
    own = domains_of(["https://www.gazeta.kz/", "https://travel.kz/"])
    assert in_domains("https://kaz.gazeta.kz/a", own)
    assert in_domains("https://travel.kz/a", own)
    assert not in_domains("https://notgazeta.kz/a", own)


def test_more_than_two_glued_addresses_leave_the_last() -> None:
    assert unglue("https://a.kzhttps://b.kzhttps://c.kz/x") == "https://c.kz/x"


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=200), st.sampled_from(["", "http://", "https://a.kz", "//", "/"]))
def test_any_text_is_cleaned_or_refused_and_cleaning_again_changes_nothing(text: str, start: str) -> None:
    """Cleaning is total, bounded, and a fixed point; what comes out is http(s) without fragment or controls."""
    url = clean_url(start + text, BASE)
    if isinstance(url, Refusal):
        assert url.reason
        return
    assert url.startswith(("http://", "https://"))
    assert len(url) <= MAX_URL_LENGTH
    assert url.isascii()
    assert "#" not in url
    assert clean_url(url, BASE) == url
