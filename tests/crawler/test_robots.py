from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.robots import MAX_BYTES, MAX_DELAY_S, Rules

SITE = "https://outlet.example"


def allowed(text: str | bytes, path: str, token: str = "Dauys") -> bool:
    body = text if isinstance(text, bytes) else text.encode()
    return Rules(body, token=token).allowed(SITE + path)


def packed(archive: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isfile():
                file = tar.extractfile(member)
                assert file is not None
                yield Path(member.name).name, file.read()


def test_no_rules_allow_everything() -> None:
    for text in ("", "\n\n", "# nothing", "Disallow: /", "<html><p>Disallow: /</p>", "User-agent: *\nDisallow:"):
        assert allowed(text, "/news/1"), text


def test_our_group_stands_instead_of_the_one_for_all() -> None:
    text = "User-agent: *\nDisallow: /\n\nUser-agent: dauys\nDisallow: /private\n"
    assert allowed(text, "/news/1")
    assert not allowed(text, "/private/1")
    assert not allowed(text, "/news/1", token="Other")


@pytest.mark.parametrize("name", ["dauys", "DAUYS", "Dauys/0.1", "Dauys (research)", "Dauys # us"])
def test_our_name_is_known_in_any_case_and_with_a_version(name: str) -> None:
    assert not allowed(f"User-agent: {name}\nDisallow: /\n", "/news/1")


@pytest.mark.parametrize("name", ["d", "Dau", "DauysImages", "NotDauys", "x-dauys"])
def test_another_name_is_not_ours_even_when_it_begins_alike(name: str) -> None:
    assert allowed(f"User-agent: {name}\nDisallow: /\n", "/news/1")


def test_groups_of_one_name_are_one_and_several_names_share_a_group() -> None:
    ours = "User-agent: a\nUser-agent: Dauys\nDisallow: /one\n\n"
    text = f"{ours}User-agent: b\nDisallow: /\n\nUser-agent: dauys\nDisallow: /two"
    assert [allowed(text, path) for path in ("/one", "/two", "/three")] == [False, False, True]


def test_crawl_delay_and_sitemap_do_not_end_a_group() -> None:
    """RFC 9309, 2.2.4: other records must not interfere with the rules."""
    text = "User-agent: Dauys\nCrawl-delay: 7\nSitemap: /s.xml\nUser-agent: b\nDisallow: /private\n"
    assert not allowed(text, "/private")
    assert Rules(text.encode()).delay_s == 7
    assert Rules(text.encode()).sitemaps == ("/s.xml",)


def test_the_longest_match_decides_and_allow_wins_a_draw() -> None:
    text = "User-agent: *\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif\n"
    assert not allowed(text, "/example/page/disallowed.gif")
    assert allowed(text, "/example/page/")
    assert allowed("User-agent: *\nDisallow: /a\nAllow: /a", "/a")


def test_wildcards_and_ends() -> None:
    text = "User-agent: *\nDisallow: *.gif$\nDisallow: /*?print=\n"
    assert not allowed(text, "/a/b.gif")
    assert allowed(text, "/a/b.gif?x=1")
    assert not allowed(text, "/news/1?print=1")


def test_a_kazakh_path_matches_in_either_spelling() -> None:
    text = "User-agent: *\nDisallow: /жаңалық\n"
    assert not allowed(text, "/%D0%B6%D0%B0%D2%A3%D0%B0%D0%BB%D1%8B%D2%9B/1")


@pytest.mark.parametrize(
    ("lines", "seconds"),
    [
        ("", 0), ("Crawl-delay: 5", 5), ("Crawl-delay: 0.5", 0.5), ("Crawl-delay: 86400", MAX_DELAY_S),
        ("Crawl-delay: soon", 0), ("Crawl-delay: -1", 0), ("Crawl-delay: inf", 0), ("Crawl-delay: nan", 0),
        ("Request-rate: 1/10", 10), ("Request-rate: 30/1m", 2), ("Crawl-delay: 3\nRequest-rate: 1/10s", 10),
        ("Request-rate: 1/0", 0), ("Request-rate: 0/1", 0),
    ],
)  # fmt: skip
def test_the_slower_of_crawl_delay_and_request_rate_within_a_minute(lines: str, seconds: float) -> None:
    assert Rules(f"User-agent: *\n{lines}\nDisallow: /x".encode()).delay_s == seconds


def test_only_the_first_half_mebibyte_is_read_and_no_torn_rule() -> None:
    head = b"User-agent: *\nDisallow: /first\n"
    padding = b"#" + b"x" * (MAX_BYTES - len(head) - len(b"\nDisallow: /") - 1)
    body = head + padding + b"\nDisallow: /private\nDisallow: /news\n"
    assert body[:MAX_BYTES].endswith(b"Disallow: /")
    assert [allowed(body, path) for path in ("/first", "/private", "/news")] == [False, True, True]
    assert allowed(b"Disallow: /" * MAX_BYTES, "/")


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_byte_order_mark_hides_no_rule(codec: str) -> None:
    mark = "\ufeff" if codec in ("utf-16-le", "utf-16-be") else ""
    assert not allowed((mark + "User-agent: *\nDisallow: /жабық").encode(codec), "/жабық")


def test_a_file_of_many_names_and_many_rules_costs_their_sum() -> None:
    """The parser alone would make 250 million rules of this."""
    names = b"".join(b"User-agent: bot%d\n" % n for n in range(15_000))
    rules = b"".join(b"Disallow: /%d/\n" % n for n in range(17_000))
    assert allowed(names + rules, "/5/x")
    assert not allowed(names + b"User-agent: Dauys\n" + rules, "/5/x")


@given(st.lists(st.sampled_from(
    ["User-agent: *", "User-agent: Dauys", "User-agent: b", "Disallow: /", "Disallow: /a*b$", "Allow: /a",
     "Crawl-delay: 1e400", "Request-rate: 1/1/1", "Sitemap: http://[", "user agent", ":", "\x00", "Disallow: %", "#"]
) | st.text(max_size=40), max_size=30), st.text(max_size=40))  # fmt: skip
@settings(deadline=None, max_examples=300)
def test_any_text_is_read(lines: list[str], path: str) -> None:
    rules = Rules("\n".join(lines).encode("utf-8", "surrogatepass"))
    assert isinstance(rules.allowed(f"{SITE}/{path}"), bool)
    assert 0 <= rules.delay_s <= MAX_DELAY_S


@given(st.binary(max_size=300))
@settings(deadline=None, max_examples=200)
def test_any_bytes_are_read(body: bytes) -> None:
    assert isinstance(Rules(body).allowed(f"{SITE}/news/1"), bool)


def test_every_real_file_is_read(shared_data: Path) -> None:
    """All files of real sites parse; those that shut everybody out shut us out."""
    count = shut = paced = 0
    for name, body in packed(shared_data / "robots" / "protego_real_robots.tar.xz"):
        rules = Rules(body)
        shut += not rules.allowed(f"https://{name}/news/2026/referendum?id=1")
        paced += rules.delay_s > 0
        count += 1
    assert count == 4229
    assert 100 < shut < count / 4
    assert paced > 400


def test_the_fuzz_seeds_are_read(shared_data: Path) -> None:
    seeds = dict(packed(shared_data / "robots" / "temoto_fuzz_corpus.tar.xz"))
    for body in seeds.values():
        Rules(body).allowed(f"{SITE}/a")
    assert len(seeds) == 22
    assert not allowed(seeds["disallow-all"], "/")


COMMONS = [
    # file, our name, path, allowed: as the comments in the file or RFC 9309 say
    ("crawl-delay-group-merging.txt", "mybot", "/private/x", False),
    ("crawl-delay-group-merging.txt", "mybot", "/login/x", True),
    ("crawl-delay-group-merging.txt", "yourbot", "/private/x", False),
    ("crawl-delay-group-merging.txt", "yourbot", "/login/x", False),
    ("crawl-delay-group-merging.txt", "other", "/private/x", True),
    ("extensions-group-merging.txt", "mybot", "/private/x", False),
    ("extensions-group-merging.txt", "other", "/private/x", False),
    ("extensions-group-merging.txt", "other", "/llms.txt", True),
    ("rfc9309-example-longest-match-robots.txt", "foobot", "/example/page/disallowed.gif", False),
    ("rfc9309-example-longest-match-robots.txt", "foobot", "/example/page/", True),
    ("rfc9309-example-rule-group-merging.txt", "ExampleBot", "/foo", False),
    ("rfc9309-example-rule-group-merging.txt", "ExampleBot", "/baz", False),
    ("rfc9309-example-rule-group-merging.txt", "BazBot", "/foo", True),
    ("rfc9309-example-rule-group-merging.txt", "other", "/bar", False),
    ("rfc9309-example-simple-robots.txt", "foobot", "/example/page.html", True),
    ("rfc9309-example-simple-robots.txt", "foobot", "/example/other.html", False),
    ("rfc9309-example-simple-robots.txt", "bazbot", "/example/page.html", False),
    ("rfc9309-example-simple-robots.txt", "quxbot", "/example/page.html", True),
    ("rfc9309-example-simple-robots.txt", "other", "/publications/x.gif", True),
    ("merge-rules.txt", "wget", "/foo/bar", True),
    ("merge-rules.txt", "wget", "/tmp/bar", False),
    ("merge-rules.txt", "curl", "/foo/bar", False),
    ("precedence-of-rules.txt", "wget", "/foo", True),
    ("precedence-of-rules.txt", "testy", "/foo/bar", True),
    ("precedence-of-rules.txt", "testy", "/foo/baz", False),
    ("format-errors-robots.txt", "bot1", "/whitespace-before-colon/x", False),
    ("format-errors-robots.txt", "bot1", "/no-colon/x", False),
    ("format-errors-robots.txt", "bot2", "/no-colon-useragent/x", False),
    ("format-errors-robots.txt", "bot3", "/whitespace-before-colon", True),
    ("format-errors-robots.txt", "bot3", "/other", False),
    ("directive-typos-robots.txt", "bot1", "/dissalow/x", False),
    ("directive-typos-robots.txt", "bot2", "/useragent/x", False),
    ("directive-typos-robots.txt", "bot4", "/useragent-no-colon/x", False),
]  # fmt: skip


def test_the_odd_cases_come_out_as_stated(shared_data: Path) -> None:
    files = dict(packed(shared_data / "robots" / "crawler-commons_robots.tar.xz"))
    for body in files.values():
        Rules(body).allowed(f"{SITE}/a")
    wrong = [case for case in COMMONS if allowed(files[case[0]], case[2], case[1]) is not case[3]]
    assert wrong == []
    assert Rules(files["crawl-delay-group-merging.txt"], token="mybot").delay_s == 10
    assert Rules(files["crawl-delay-group-merging.txt"], token="other").delay_s == 30
