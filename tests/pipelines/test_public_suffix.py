"""The registered part of a host is what the library whose list we read says it is."""

from __future__ import annotations

import random

import pytest
import tldextract

from pipelines.public_suffix import registered_name, rules

THEIRS = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
SAMPLE = 1_500


@pytest.mark.parametrize(
    ("host", "registered"),
    [
        ("zakon.kz", "zakon.kz"),
        ("kaz.zakon.kz", "zakon.kz"),
        ("gov.kz", "gov.kz"),
        ("primeminister.gov.kz", "primeminister.gov.kz"),
        ("a.blogspot.com", "a.blogspot.com"),
        ("x.www.ck", "www.ck"),
        ("x.y.ck", "x.y.ck"),
        ("a.b.unknown", "b.unknown"),
        ("unknown", "unknown"),
        ("новости.қаз", "новости.қаз"),
        ("www.xn--80ak6aa92e.xn--80ao21a", "xn--80ak6aa92e.xn--80ao21a"),
    ],
)
def test_known_hosts(host: str, registered: str) -> None:
    """Country suffixes, private ones, wildcards, exceptions, unknown and Kazakh top levels."""
    assert registered_name(host) == registered


def test_the_library_agrees() -> None:
    """Under a sample of all rules both name the same registered part, in letters and in ASCII."""
    plain = sorted(rule for rule in rules() if not rule.startswith(("*", "!")))
    for rule in random.Random(15).sample(plain, SAMPLE):
        for host in (f"a.{rule}", f"c.b.{rule}", f"c.b.{rule}".encode("idna").decode()):
            found = THEIRS(host)
            assert registered_name(host) == f"{found.domain}.{found.suffix}".removeprefix("."), host
