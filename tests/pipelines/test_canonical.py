"""One article, one address: the rules of canonical addresses, their identity and whom to believe."""

from __future__ import annotations

import string
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.errors import DauysError
from pipelines.address import MAX_LENGTH, parse
from pipelines.canonical import BadURL, believe_canonical, canonical_url, registered_domain, url_key

CANONICAL = [
    # scheme, host, port, dots, fragment
    ("HTTP://News.Example.KZ/Path", "http://news.example.kz/Path"),
    ("https://example.kz", "https://example.kz/"),
    ("https://example.kz./news/1", "https://example.kz/news/1"),
    ("https://example.kz:443/a", "https://example.kz/a"),
    ("http://example.kz:80/a", "http://example.kz/a"),
    ("http://example.kz:443/a", "http://example.kz:443/a"),
    ("http://127.0.0.1:8081/a", "http://127.0.0.1:8081/a"),
    ("https://example.kz/a/./b/../c", "https://example.kz/a/c"),
    ("https://example.kz/../../a", "https://example.kz/a"),
    ("https://example.kz/a#comments", "https://example.kz/a"),
    ("  https://example.kz/a\n", "https://example.kz/a"),
    ("https://reader:secret@example.kz/a", "https://example.kz/a"),
    ("https:\\\\example.kz\\a", "https://example.kz/a"),
    # hosts in letters, numbers in disguise
    (
        "https://қазақстан.қаз/жаңалық",
        "https://xn--80aaa0a6awh12ed.xn--80ao21a/%D0%B6%D0%B0%D2%A3%D0%B0%D0%BB%D1%8B%D2%9B",
    ),
    ("http://2130706433/a", "http://127.0.0.1/a"),
    ("http://0x7f.1/a", "http://127.0.0.1/a"),
    ("http://[::0001]:8080/a", "http://[::1]:8080/a"),
    # one spelling of escapes; Kazakh and Russian paths
    ("https://example.kz/%7euser/%d0%b0", "https://example.kz/~user/%D0%B0"),
    ("https://example.kz/дауыс беру", "https://example.kz/%D0%B4%D0%B0%D1%83%D1%8B%D1%81%20%D0%B1%D0%B5%D1%80%D1%83"),
    ("https://example.kz/%EA%E0%E7", "https://example.kz/%EA%E0%E7"),
    ("https://example.kz/100%", "https://example.kz/100%25"),
    ("https://example.kz/a?q=ө", "https://example.kz/a?q=%D3%A9"),
    # parameters
    ("https://example.kz/a?utm_source=tg&utm_medium=x&id=7", "https://example.kz/a?id=7"),
    ("https://example.kz/a?UTM_Source=tg", "https://example.kz/a"),
    ("https://example.kz/a?yclid=1&ysclid=2&fbclid=3&gclid=4&_openstat=5&from=main", "https://example.kz/a"),
    ("https://example.kz/a?b=2&a=1", "https://example.kz/a?b=2&a=1"),
    ("https://example.kz/a?b=2&b=2&b=3", "https://example.kz/a?b=2&b=3"),
    ("https://example.kz/a?b=2&amp;utm_source=x&amp;c=3", "https://example.kz/a?b=2&c=3"),
    ("https://example.kz/a?", "https://example.kz/a"),
    ("https://example.kz/a?&&x&", "https://example.kz/a?x"),
    (
        "https://www.election.gov.kz/rus/news/releases/?ID=9123",
        "https://www.election.gov.kz/rus/news/releases/?ID=9123",
    ),
    ("https://example.kz/a;jsessionid=0A1B?id=1", "https://example.kz/a?id=1"),
    # AMP in five shapes and their mixtures
    ("https://example.kz/news/1-x/amp", "https://example.kz/news/1-x"),
    ("https://example.kz/news/1-x/amp/", "https://example.kz/news/1-x/"),
    ("https://example.kz/amp/news/1-x", "https://example.kz/news/1-x"),
    ("https://example.kz/news/amp/1-x", "https://example.kz/news/1-x"),
    ("https://example.kz/news/1-x?amp", "https://example.kz/news/1-x"),
    ("https://example.kz/news/1-x?amp=1&id=2", "https://example.kz/news/1-x?id=2"),
    ("https://example.kz/news/1-x?outputType=amp", "https://example.kz/news/1-x"),
    ("https://amp.example.kz/news/1-x", "https://example.kz/news/1-x"),
    ("https://example.kz/news/1-x.amp.html", "https://example.kz/news/1-x.html"),
    ("https://example.kz/amp", "https://example.kz/"),
    ("https://example-kz.cdn.ampproject.org/c/s/example.kz/news/1-x/amp/?id=2", "https://example.kz/news/1-x/?id=2"),
    ("https://www.google.com/amp/s/example.kz/news/1-x/amp", "https://example.kz/news/1-x"),
    ("https://cdn.ampproject.org/c/s/", "https://cdn.ampproject.org/c/s/"),
    ("https://amp.kz/news/1-x", "https://amp.kz/news/1-x"),
    ("https://example.kz/news/amplitude", "https://example.kz/news/amplitude"),
    ("https://example.kz/news/amp-x", "https://example.kz/news/amp-x"),
]


@pytest.mark.parametrize(("url", "expected"), CANONICAL)
def test_canonical_spelling(url: str, expected: str) -> None:
    assert canonical_url(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/news/1",
        "example.kz/news",
        "//example.kz/a",
        "ftp://example.kz/a",
        "javascript:alert(1)",
        "mailto:a@example.kz",
        "file:///etc/passwd",
        "http://",
        "https:///",
        "http://[::1",
        "http://[::1]x/",
        "http://[fe80::1%25eth0]/",
        "http://a..kz/",
        "http://ex ample.kz/",
        "http://example.kz:99999/",
        "http://example.kz:x/",
        "http://example.kz:²/",
        "http://1.2.3.4.5/",
        "http://1.2.3.999/",
        "http://" + "a" * 64 + ".kz/",
        "http://%ff.kz/",
        "http://a\ud800.kz/",
        "https://one.kzhttps://two.kz/",
        "https://example.kz/" + "a" * MAX_LENGTH,
    ],
)
def test_what_is_no_web_address_is_refused_by_name(url: str) -> None:
    """A bad address is a BadURL, which a ValueError handler and a DauysError handler both catch."""
    with pytest.raises(BadURL) as caught:
        canonical_url(url)
    assert isinstance(caught.value, DauysError)
    assert isinstance(caught.value, ValueError)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://example.kz/a", "https://example.kz/a"),
        ("https://www.example.kz/a", "https://example.kz/a"),
        ("https://example.kz/a/", "https://example.kz/a"),
        ("https://example.kz//a", "https://example.kz/a"),
        ("https://example.kz/?b=1&a=2", "https://example.kz/?a=2&b=1"),
        (
            "https://www.election.gov.kz/rus/news/releases/index.php?ID=9",
            "https://www.election.gov.kz/rus/news/releases/?ID=9",
        ),
        ("https://amp.example.kz/a", "http://www.example.kz/a/amp/"),
        ("https://example.kz/a,b'c", "https://example.kz/a%2Cb%27c"),
        ("https://example.kz/a?q=x+y", "https://example.kz/a?q=x%20y"),
        ("https://example.kz/дауыс", "https://example.kz/%d0%b4%d0%b0%d1%83%d1%8b%d1%81/"),
    ],
)
def test_one_article_has_one_key(one: str, other: str) -> None:
    assert url_key(one) == url_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://kaz.example.kz/a", "https://example.kz/a"),
        ("https://ru.example.kz/a", "https://en.example.kz/a"),
        ("https://example.kz/ru/a", "https://example.kz/kz/a"),
        ("https://example.gov.kz/news/?ID=1", "https://example.gov.kz/news/?ID=2"),
        ("https://example.gov.kz/news/?ID=1", "https://example.gov.kz/news/"),
        ("https://example.kz/A", "https://example.kz/a"),
        ("http://127.0.0.1:8001/a", "http://127.0.0.1:8002/a"),
        ("https://www.kz/a", "https://kz/a"),
    ],
)
def test_two_articles_have_two_keys(one: str, other: str) -> None:
    assert url_key(one) != url_key(other)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("https://kaz.tengrinews.kz/a-1", "tengrinews.kz"),
        ("www.zakon.kz", "zakon.kz"),
        ("https://www.gov.kz/x", "gov.kz"),
        ("gov.kz", "gov.kz"),
        ("https://www.election.gov.kz/x", "election.gov.kz"),
        ("kz.kursiv.media", "kursiv.media"),
        ("https://one.blogspot.com/", "one.blogspot.com"),
        ("http://127.0.0.1:8001/a", "127.0.0.1:8001"),
        ("127.0.0.2:8001", "127.0.0.2:8001"),
        ("http://localhost:8001/a", "localhost:8001"),
        ("[::1]:8001", "[::1]:8001"),
        ("http://10.0.0.1:8001/a", "10.0.0.1"),
        ("http://intranet/a", "intranet"),
        ("https://kaz.outlet.example/a", "outlet.example"),
    ],
)
def test_registered_domain(where: str, expected: str) -> None:
    assert registered_domain(where) == expected


PAGE = "https://example.kz/politics/123456-referendum-day.html"


@pytest.mark.parametrize(
    ("page", "declared", "expected"),
    [
        (
            PAGE,
            "https://www.example.kz/politics/123456-referendum-day.html?utm_source=x",
            "https://www.example.kz/politics/123456-referendum-day.html",
        ),
        (
            PAGE,
            "/politics/123456-referendum-day-final.html",
            "https://example.kz/politics/123456-referendum-day-final.html",
        ),
        (PAGE + "?page=2", PAGE, PAGE),
        (
            "https://example.kz/a-long-slug-of-words/2",
            "https://example.kz/a-long-slug-of-words",
            "https://example.kz/a-long-slug-of-words",
        ),
        (PAGE, None, None),
        (PAGE, "  ", None),
        (PAGE, "https://other.kz/politics/123456-referendum-day.html", None),
        (PAGE, "https://example.kz/", None),
        (PAGE, "https://example.kz/ru/", None),
        (PAGE, "https://example.kz/index.php", None),
        (PAGE, "https://example.kz/politics/", None),
        (PAGE, "/politics", None),
        (PAGE, "http://[::1", None),
        (PAGE, "javascript:void(0)", None),
        ("https://kaz.example.kz/a-1234", "https://example.kz/a-1234", None),
        ("https://example.kz/kz/news/a-1234", "https://example.kz/ru/news/a-1234", None),
        ("https://www.election.gov.kz/rus/news/?ID=12", "https://www.election.gov.kz/rus/news/", None),
        ("http://127.0.0.1:8001/a-1", "http://127.0.0.1:8002/a-1", None),
    ],
)
def test_whose_declared_address_is_believed(page: str, declared: str | None, expected: str | None) -> None:
    assert believe_canonical(page, declared) == expected


# -- properties ------------------------------------------------------------------------------------------------------

_labels = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=8).filter(lambda s: s[0].isalpha())
_hosts = st.tuples(
    st.lists(_labels, min_size=1, max_size=3), st.sampled_from(["kz", "com", "gov.kz", "cdn.ampproject.org"])
).map(lambda names: ".".join([*names[0], names[1]]))
_path_text = st.text('abcAMP0129./-_~%;=:@+ дауысҚ\\"<>é', max_size=24)
_odd_segments = st.sampled_from(
    ["amp", "x.amp", "a.amp.html", "..", ".", "%2e%2E", "x;jsessionid=1", ";sid=a", "c", "s", "b.kz"]
)
_paths = st.lists(_path_text | _odd_segments, max_size=5).map(lambda parts: "/" + "/".join(parts))
_parameters = st.sampled_from(
    ["id=1", "ID=2", "utm_source=a", "amp", "amp;amp;b=1", "amp=1", "from=x", "q=дауыс", "q=%d0%b4", "", "x", "%zz=%"]
)
_queries = st.lists(_parameters, max_size=4).map("&".join)
_urls = st.tuples(st.sampled_from(["http", "https", "HTTPS"]), _hosts, _paths, _queries).map(
    lambda parts: "{}://{}{}?{}".format(*parts)
)


@settings(deadline=None, max_examples=300)
@given(_urls)
def test_canonical_is_idempotent_and_parses_back(url: str) -> None:
    """What comes out is its own canonical form, plain ASCII, and the standard library reads it the same way."""
    canonical = canonical_url(url)
    assert canonical_url(canonical) == canonical
    assert canonical.isascii()
    assert str(parse(canonical)) == canonical
    parts = urlsplit(canonical)
    assert parts.scheme in {"http", "https"}
    assert parts.hostname
    assert parts.path.startswith("/")
    assert not parts.fragment
    assert url_key(canonical) == url_key(url)


@settings(deadline=None, max_examples=200)
@given(_hosts, st.lists(_labels, min_size=1, max_size=4), st.sampled_from(["", "?id=5", "?ID=5&page=2"]))
def test_key_does_not_see_how_the_reader_came(host: str, path: list[str], query: str) -> None:
    """Scheme, www, tracking, AMP, a closing slash, a fragment and the default port change no key."""
    where = f"{host}/{'/'.join(path)}"
    join = "&" if query else "?"
    key = url_key(f"https://{where}{query}")
    assert url_key(f"http://{where}{query}") == key
    assert url_key(f"https://www.{where}{query}") == key
    assert url_key(f"https://{where}/{query}") == key
    assert url_key(f"https://{where}/amp/{query}") == key
    assert url_key(f"https://{host}/amp/{'/'.join(path)}{query}") == key
    assert url_key(f"https://{where}{query}{join}utm_campaign=x&yclid=9") == key
    assert url_key(f"https://{where}{query}{join}amp=1#top") == key
    assert url_key(f"https://{host}:443/{'/'.join(path)}{query}") == key


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=60) | st.text("htps:/\\[]@.%?#&0x1٠é\ud800 ", max_size=40).map("http://".__add__))
def test_no_input_raises_anything_else(text: str) -> None:
    """Any text whatever is an address or a BadURL."""
    try:
        canonical = canonical_url(text)
    except BadURL:
        return
    assert canonical_url(canonical) == canonical
    registered_domain(canonical)
    believe_canonical(canonical, text)
