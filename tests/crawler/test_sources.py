"""A file of outlets is read whole, or every mistake in it is told in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.config import Problem
from archive.errors import DauysError
from crawler.source import DEFAULT_DELAY_S
from crawler.sources import Source, SourcesError, UnknownSourceError, load_sources

GOOD = """\
[defaults]
country = "KZ"
timezone = "Asia/Almaty"
deny = ["/tags?/"]
delay = 4

[[source]]
id = "dala"
name = "Dala Times"
homepage = "https://www.dala.example/"
languages = ["ru", "kk"]
kind = "private"
delay = 2.5
deny = ["/video/"]
allow = ['^https://(?:www|kaz)\\.dala\\.example/(?:[a-z]+/)?\\d{4,9}-[a-z0-9-]+/?$']
entries = [
  { kind = "feed", url = "https://www.dala.example/rss", language = "ru" },
  { kind = "feed", url = "https://www.dala.example/feed/", language = "ru", fallback = true },
  { kind = "section", url = "https://www.dala.example/news/", language = "ru", pages = 3 },
  { kind = "section", url = "https://kaz.dala.example/news/", language = "kk" },
]

[[source]]
id = "resmi"
name = "Resmi"
homepage = "https://resmi.example"
languages = "kk"
kind = "official"
enabled = false
country = "GB"
timezone = "Europe/London"
entries = [{ kind = "section", url = "https://resmi.example/?list=1" }]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "sources.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def dala(tmp_path: Path) -> Source:
    return load_sources(written(tmp_path, GOOD)).by_id("dala")


def test_a_good_file(tmp_path: Path) -> None:
    """Values come from the source, else from [defaults], else from the program; deny adds up."""
    sources = load_sources(written(tmp_path, GOOD))
    dala, resmi = sources
    assert len(sources) == 2
    assert sources.enabled == (dala,)
    assert (dala.delay, dala.country, dala.timezone.key) == (2.5, "KZ", "Asia/Almaty")
    assert (resmi.delay, resmi.country, resmi.timezone.key) == (4.0, "GB", "Europe/London")
    assert [pattern.pattern for pattern in dala.deny] == ["/tags?/", "/video/"]
    assert dala.domains == ("dala.example",)
    assert resmi.homepage == "https://resmi.example/"
    assert resmi.languages == ("kk",)
    assert [entry.fallback for entry in dala.entries] == [False, True, True, False]
    assert [entry.pages for entry in dala.entries] == [1, 1, 3, 1]
    assert resmi.entries[0].fallback is False
    assert dala.tls_verify
    assert dala.topics == ()


def test_without_defaults_the_delay_is_the_programs(tmp_path: Path) -> None:
    text = GOOD.partition("[[source]]")[2].replace(
        'kind = "private"', 'kind = "private"\ncountry = "KZ"\ntimezone = "UTC"'
    )
    text = "[[source]]" + text.partition("[[source]]")[0].replace("delay = 2.5\n", "")
    assert load_sources(written(tmp_path, text)).by_id("dala").delay == DEFAULT_DELAY_S


def test_fallbacks_wait_for_what_comes_before_them(dala: Source) -> None:
    """A fallback is polled only while nothing before it in its language answers; other languages do not silence it."""
    first, second, section, kazakh = dala.entries
    assert dala.polled(()) == dala.entries
    assert dala.polled({first.url}) == (first, kazakh)
    assert dala.polled({second.url}) == (first, second, kazakh)
    assert dala.polled({kazakh.url, section.url}) == dala.entries


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://www.dala.example/politics/12345-dauys-beru", True),
        ("http://kaz.dala.example/12345-dauys-beru/?utm_source=tg", False),  # the pattern asks for https
        ("https://kaz.dala.example/12345-dauys-beru/?utm_source=tg", True),
        ("https://www.dala.example/politics/12345-dauys-beru/amp/", True),
        ("https://www.dala.example/video/12345-dauys-beru", False),
        ("https://www.dala.example/news/", False),
        ("https://www.dala.example/", False),
        ("https://other.example/politics/12345-dauys-beru", False),
        ("nonsense", False),
        ("https://www.dala.example/politics/12345-" + "a" * 2100, False),
        ("http://[::1", False),
    ],
)
def test_which_addresses_may_be_articles(dala: Source, url: str, wanted: bool) -> None:
    assert dala.wants(url) is wanted


def test_without_allow_everything_but_listings_may_be_an_article(tmp_path: Path) -> None:
    resmi = load_sources(written(tmp_path, GOOD)).by_id("resmi")
    assert resmi.wants("https://resmi.example/a")
    assert resmi.wants("https://resmi.example/?ID=5")
    assert not resmi.wants("https://resmi.example/?list=1")
    assert not resmi.wants("https://resmi.example/tag/a")


def test_an_unknown_id_names_the_nearest(tmp_path: Path) -> None:
    sources = load_sources(written(tmp_path, GOOD))
    with pytest.raises(UnknownSourceError, match=r'no source "dalla"; did you mean "dala"\?') as caught:
        sources.by_id("dalla")
    assert isinstance(caught.value, DauysError)


FIRST = '[[source]] #1 "dala"'


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[defaults]", "[default]", '1: default: no such key; did you mean "defaults"?'),
        ("delay = 4", "delays = 4", '5: [defaults]: delays: no such key; did you mean "delay"?'),
        ("delay = 4", "delay = -1", "5: [defaults]: delay: must be at least 0 and at most 600, not -1"),
        ('deny = ["/tags?/"]', 'deny = ["/tags(/"]', "4: [defaults]: deny[0]: "),
        ('id = "dala"', 'id = "Дала"', '8: [[source]] #1 "Дала": id: "Дала" is no id; up to 40 of a-z, 0-9 and -'),
        ('id = "dala"', "id = 7", "8: [[source]] #1: id: must be a text in quotes, not 7"),
        ('id = "dala"\n', "", "7: [[source]] #1: id: is missing"),
        ('id = "resmi"', 'id = "dala"', '24: [[source]] #2 "dala": id: "dala" is already the id of [[source]] #1'),
        ('name = "Dala Times"', 'name = ""', f"9: {FIRST}: name: is blank"),
        ('kind = "private"', 'kind = "privat"', f'12: {FIRST}: kind: "privat" is none of state, private, foreign, '),
        ('kind = "private"\n', "", f"7: {FIRST}: kind: is missing"),
        ('kind = "private"', 'knid = "private"', f'12: {FIRST}: knid: no such key; did you mean "kind"?'),
        (
            'languages = ["ru", "kk"]',
            'languages = ["ru", "kz"]',
            f'11: {FIRST}: languages[1]: "kz" is no ISO 639-1 code',
        ),
        ('languages = ["ru", "kk"]', 'languages = ["ru", "ru"]', f'11: {FIRST}: languages[1]: "ru" comes twice'),
        (
            'country = "GB"',
            'country = "gb"',
            '30: [[source]] #2 "resmi": country: "gb" is no ISO 3166-1 code; write "GB"',
        ),
        (
            "Asia/Almaty",
            "Asia/Almata",
            '3: [defaults]: timezone: "Asia/Almata" is no time zone; did you mean "Asia/Almaty"?',
        ),
        ("Asia/Almaty", "Asia", '3: [defaults]: timezone: "Asia" is no time zone'),
        ("delay = 2.5", 'delay = "fast"', f'13: {FIRST}: delay: must be a number, not "fast"'),
        ("enabled = false", 'enabled = "no"', '29: [[source]] #2 "resmi": enabled: must be true or false, not "no"'),
        ("enabled = false", 'spider = "my spider"', '29: [[source]] #2 "resmi": spider: "my spider" names no spider'),
        ("enabled = false", 'domains = ["www.resmi.example"]', 'is no registered domain; write "resmi.example"'),
        ("https://www.dala.example/rss", "www.dala.example/rss", f"17: {FIRST}: entries[0].url: not an absolute http"),
        ("https://www.dala.example/rss", "ftp://www.dala.example/rss", f"17: {FIRST}: entries[0].url: not an absolute"),
        ("https://www.dala.example/rss", "http://127.0.0.1/rss", "is on this machine or a private network; only with"),
        ("https://www.dala.example/rss", "http://2130706433/rss", "is on this machine or a private network; only with"),
        (
            "https://www.dala.example/rss",
            "http://192.168.1.4/rss",
            "is on this machine or a private network; only with",
        ),
        ("https://www.dala.example/rss", "http://[::1]/rss", "is on this machine or a private network; only with"),
        ("https://www.dala.example/rss", "http://localhost/rss", "is on this machine or a private network; only with"),
        ("https://www.dala.example/rss", "https://www.dala.example/feed/", f"18: {FIRST}: entries[1].url: "),
        (
            "https://resmi.example/?list=1",
            "https://www.dala.example/rss",
            'is already an entry of [[source]] #1 "dala"',
        ),
        (
            'kind = "feed", url = "https://www.dala.example/rss"',
            'kind = "rss", url = "https://www.dala.example/rss"',
            f'17: {FIRST}: entries[0].kind: "rss" is none of feed, ',
        ),
        (
            '{ kind = "section", url = "https://kaz',
            '{ kind = "section", urll = "https://kaz',
            f'20: {FIRST}: entries[3].urll: no such key; did you mean "url"?',
        ),
        (
            'language = "kk" },',
            'language = "en" },',
            f'20: {FIRST}: entries[3].language: "en" is none of the outlet\'s',
        ),
        ("pages = 3", "pages = 500", f"19: {FIRST}: entries[2].pages: must be at least 1 and at most 50, not 500"),
        (
            '/rss", language = "ru" }',
            '/rss", fallback = true }',
            f"17: {FIRST}: entries[0].fallback: the first entry cannot",
        ),
        ("/?$']", "/?']", None),
        (
            "(?:[a-z]+/)?\\d{4,9}-[a-z0-9-]+/?$",
            "",
            f"15: {FIRST}: allow: matches the home page https://www.dala.example/",
        ),
        ("^https://(?:www", "^https://(?:(www", f'15: {FIRST}: allow[0]: "^https://(?:(www'),
        (
            'entries = [{ kind = "section", url = "https://resmi.example/?list=1" }]',
            "entries = []",
            '32: [[source]] #2 "resmi": entries: is an empty list',
        ),
        (
            'entries = [{ kind = "section", url = "https://resmi.example/?list=1" }]',
            "",
            '23: [[source]] #2 "resmi": entries: is missing',
        ),
        (
            'entries = [{ kind = "section", url = "https://resmi.example/?list=1" }]',
            'entries = ["https://a.example/"]',
            "entries[0]: must be a table like { … }",
        ),
    ],
)
def test_each_mistake_is_one_line(tmp_path: Path, old: str, new: str, told: str | None) -> None:
    """File, line, table, key, cause and the nearest known key."""
    assert old in GOOD
    path = written(tmp_path, GOOD.replace(old, new, 1))
    if told is None:
        load_sources(path)
        return
    with pytest.raises(SourcesError) as caught:
        load_sources(path)
    lines = str(caught.value).splitlines()
    wanted = f"{path}:{told}" if told[0].isdigit() else told
    assert any(line.startswith(wanted) or (not told[0].isdigit() and told in line) for line in lines), lines
    assert all(line.startswith(str(path)) for line in lines)
    assert len(lines) == len(caught.value.problems)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("# nothing\n", "source: there is no outlet; head each with [[source]]"),
        ("[source]\nid = 1\n", "source: is no list; head each with [[source]]"),
        ("source = [1]\n", "source: is no list; head each with [[source]]"),
        ("[[source]]\nid = \n", ":2: not TOML"),
    ],
)
def test_a_file_without_outlets(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SourcesError, match=r"sources\.toml") as caught:
        load_sources(written(tmp_path, text))
    assert told in str(caught.value)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(SourcesError, match="there is no such file"):
        load_sources(tmp_path / "absent.toml")


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace('kind = "private"', 'kind = "x"').replace("delay = 2.5", "delay = -2").replace('"GB"', '"XX"')
    with pytest.raises(SourcesError) as caught:
        load_sources(written(tmp_path, text))
    assert [problem.key for problem in caught.value.problems] == ["kind", "delay", "country"]


def test_loopback_is_a_choice(tmp_path: Path) -> None:
    """Outlets on one loopback address differ by port."""
    text = GOOD.replace("https://www.dala.example", "http://127.0.0.1:8101").replace(
        "https://kaz.dala.example", "http://127.0.0.1:8101/kk"
    )
    text = text.replace("https://resmi.example", "http://127.0.0.1:8102")
    path = written(tmp_path, text)
    with pytest.raises(SourcesError):
        load_sources(path)
    dala, resmi = load_sources(path, allow_loopback=True)
    assert dala.domains == ("127.0.0.1:8101",)
    assert resmi.domains == ("127.0.0.1:8102",)
    assert not dala.owns("http://127.0.0.1:8102/a")


_values = st.sampled_from(
    [
        "5",
        "-1",
        "true",
        '""',
        '"x"',
        '"kk"',
        "[]",
        "[1]",
        '["ru", ""]',
        "{}",
        "{ a = 1 }",
        "1979-05-27",
        "nan",
        "[[[]]]",
    ]
)


@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, GOOD.count("\n") - 1), _values), min_size=1, max_size=3))
def test_whatever_stands_in_a_file_it_is_read_or_told(tmp_path: Path, changes: list[tuple[int, str]]) -> None:
    """A value of another kind in any place gives sources or problems, each in the file, never another exception."""
    lines = GOOD.splitlines()
    for number, value in changes:
        key, equals, _ = lines[number].partition("=")
        if equals and not key.lstrip().startswith("{"):
            lines[number] = f"{key}= {value}"
    path = written(tmp_path, "\n".join(lines))
    told: tuple[Problem, ...] = ()
    try:
        load_sources(path)
    except SourcesError as error:
        told = error.problems
    assert all(problem.file == str(path) for problem in told)
    assert all("\n" not in str(problem) for problem in told)
