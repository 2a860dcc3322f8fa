"""The local press keeps its promises: what it serves is what its ledger says, and only its clock changes it."""

from __future__ import annotations

import gzip
import hashlib
import html
import itertools
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import httpx
import pytest
from lxml import etree

from crawler.sources import load_sources
from tests.newsroom import Answer, Newsroom
from tests.newsroom.model import Piece
from tests.newsroom.outlets import OUTLETS
from tests.newsroom.press import Press
from tests.newsroom.script import episodes, pieces
from tests.newsroom.site import answer

ROOT = Path(__file__).resolve().parent.parent
LATE = datetime(2026, 3, 17, 15, tzinfo=UTC)
"""After nearly everything has happened and before the weekly ends."""

FORMATS = {
    "ru-long": r"\d{1,2} (февраля|марта) 2026 \d{2}:\d{2}",
    "ru-relative": r"Сегодня, \d{2}:\d{2}",
    "time-first": r"\d{2}:\d{2} \d{2}\.\d{2}\.2026",
    "caption": r"\d{2}\.\d{2}\.2026 \d{2}:\d{2}</figcaption>",
    "kk-gmt": r"\d{2}:\d{2}, \d{1,2} (Ақпан|Наурыз) 2026 \| GMT \+5",
    "kk-day": r">\d{1,2} (Ақпан|Наурыз) 2026<",
    "kk-year-first": r"2026 жылғы \d{1,2} (ақпан|наурыз)",
    "kk-relative": r"Бүгiн 2026, \d{2}:\d{2}",
    "numeric-comma": r"\d{2}\.\d{2}\.2026, \d{2}:\d{2}",
    "ru-at": r"\d{1,2} (февраля|марта) 2026 в \d{2}:\d{2}",
    "time-first-ticker": r"lenta-item.*<span>\d{2}:\d{2} \d{2}\.\d{2}\.2026</span>",
    "iso": r"article:published_time\" content=\"2026-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+0[015]:00",
}


@pytest.fixture(scope="module")
def late() -> Iterator[Newsroom]:
    """Return the whole press, started, late in the play; tests that use it do not move its clock."""
    with Newsroom(clock=LATE, stall_s=0.05) as newsroom:
        yield newsroom


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=60) as one:
        yield one


def _text(response: httpx.Response) -> str:
    return response.content.decode("windows-1251" if b"windows-1251" in response.content[:400] else "utf-8")


def _press() -> Press:
    everything = pieces()
    press = Press(OUTLETS, everything, episodes(everything))
    press.bases = {outlet.id: f"http://{outlet.id}.example" for outlet in OUTLETS}
    return press


def _addresses(press: Press, now: datetime) -> Iterator[tuple[str, str]]:
    for outlet in press.outlets.values():
        yield outlet.id, "/robots.txt"
        yield outlet.id, "/"
        for entry in outlet.entries:
            yield outlet.id, entry.path
        for piece in press.published(outlet.id, now):
            yield outlet.id, piece.path


def _digest() -> str:
    press, total = _press(), hashlib.sha256()
    for now in (datetime(2026, 3, 8, 5, tzinfo=UTC), LATE):
        for outlet, path in _addresses(press, now):
            found = answer(press, press.outlets[outlet], path, now)
            total.update(f"{outlet}{path}{found.status}{found.last_modified}".encode() + found.body)
    return total.hexdigest()


def test_the_same_clock_gives_the_same_bytes_in_every_process() -> None:
    """Bytes depend on the clock only: not on the order of requests, the process or the hash seed."""
    command = [sys.executable, "-c", "from tests.test_newsroom import _digest; print(_digest())"]
    runs = [
        subprocess.run(
            command, cwd=ROOT, env={"PYTHONHASHSEED": seed, "PATH": ""}, capture_output=True, text=True, check=True
        )
        for seed in ("1", "77")
    ]
    assert runs[0].stdout == runs[1].stdout
    assert runs[0].stdout.strip() == _digest()


def test_there_is_enough_to_read() -> None:
    """At least 200 articles, a third of them Kazakh, somewhat over half on the topic, from seven outlets or more."""
    everything = pieces()
    languages = Counter(piece.language for piece in everything)
    on_topic = sum(piece.on_topic for piece in everything)
    assert len(everything) >= 260
    assert languages["kk"] >= len(everything) / 3
    assert languages["ru"] >= 60
    assert languages["en"] >= 30
    assert 0.55 <= on_topic / len(everything) <= 0.72
    assert len({piece.outlet for piece in everything}) >= 7
    assert any(piece.script == "Latn" and piece.language == "kk" for piece in everything)
    assert {outlet.kind for outlet in OUTLETS} >= {"state", "private", "foreign", "official"}


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[n : n + 5]) for n in range(len(words) - 4)}


def _kinship(one: Piece, other: Piece) -> str:
    if one.family and one.family == other.family:
        return "family"
    if (one.reprint_of or one.id) == (other.reprint_of or other.id):
        return "reprint"
    if one.excerpt_of or other.excerpt_of:
        return "excerpt"
    return "stranger"


def test_only_copies_look_like_copies() -> None:
    """Articles that are no reprints, excerpts or siblings share at most three of ten five-word shingles."""
    shingles = {piece.id: _shingles(piece.text) for piece in pieces()}
    for one, other in itertools.combinations(pieces(), 2):
        shared = len(shingles[one.id] & shingles[other.id]) / min(len(shingles[one.id]), len(shingles[other.id]))
        kinship = _kinship(one, other)
        if kinship == "stranger":
            assert shared <= 0.3, (one.id, other.id)
        elif kinship == "reprint" and "homoglyphs" not in (one.reprint_kind, other.reprint_kind):
            assert shared >= 0.4, (one.id, other.id, one.reprint_kind, other.reprint_kind)
        elif kinship == "family":
            assert shared < 1.0, (one.id, other.id)


def test_every_published_date_format_occurs(client: httpx.Client) -> None:
    """Each of the twelve ways of writing a date is on a page or listing that is served."""
    with Newsroom(clock="2026-03-13T16:00:00Z") as newsroom:
        rows = newsroom.ledger()["articles"]
        recent = [row["url_now"] for row in rows if row["gone"] is None and row["published_at"] > "2026-03-09"]
        served = [_text(client.get(url)) for url in recent]
        served += [client.get(newsroom.url("moiyntal", "/gorod/")).text]
    for style, pattern in FORMATS.items():
        assert any(re.search(pattern, page) for page in served), style


def test_what_is_served_is_what_the_ledger_says(late: Newsroom, client: httpx.Client) -> None:
    """Every article's page carries the ledger's headline and paragraphs, and what is gone is gone as it says."""
    statuses = {"404": 404, "410": 410, "soft-404": 200, "home": 302, "section": 301, "replaced": 200}
    for row in late.ledger()["articles"]:
        response = client.get(row["url_now"])
        assert response.status_code == statuses.get(row["gone"], 200), row["id"]
        if row["gone"] is None:
            text = html.unescape(re.sub(r"<[^>]+>", "", _text(response))).replace("\u00a0", " ")
            plain = re.sub(r"[\s«»“”\"—–]+", "", text)
            for paragraph in (row["title"], *row["paragraphs"]):
                assert re.sub(r"[\s«»“”\"—–]+", "", paragraph) in plain, (row["id"], paragraph)
        elif row["gone"] == "soft-404":
            assert row["title"] not in html.unescape(response.text)


def test_moved_articles_lead_to_their_new_address(late: Newsroom, client: httpx.Client) -> None:
    """A moved article answers at its old address with 301, or with a meta refresh where that is planted."""
    moves = late.ledger()["moves"]
    assert {move["kind"] for move in moves} == {"moved: 301", "moved: meta refresh"}
    for move in moves:
        response = client.get(move["url"])
        if move["kind"] == "moved: 301":
            assert (response.status_code, response.headers["Location"]) == (301, move["to"])
        else:
            assert move["to"] in response.text
        assert client.get(move["to"]).status_code == 200


def _validators(response: httpx.Response) -> dict[str, str]:
    names = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
    return {names[name]: response.headers[name] for name in names if name in response.headers}


def test_what_has_not_changed_is_answered_with_304(late: Newsroom, client: httpx.Client) -> None:
    """Every living entry and every standing article answers 304 to its own validators, without a body."""
    ledger = late.ledger()
    dead = {entry["url"] for outlet in ledger["outlets"] for entry in outlet["entries"] if entry["format"] == "dead"}
    addresses = [entry["url"] for outlet in ledger["outlets"] for entry in outlet["entries"]]
    addresses += [row["url_now"] for row in ledger["articles"] if row["gone"] in (None, "replaced")]
    mark = late.log.mark()
    asked = 0
    for url in addresses:
        if url in dead:
            continue
        first = client.get(url)
        assert first.status_code == 200
        validators = _validators(first)
        assert validators, url
        second = client.get(url, headers=validators)
        assert (second.status_code, second.content) == (304, b""), url
        asked += 1
    summary = late.log.summary(since=mark)
    assert summary["not_modified"] == summary["conditional"] == summary["bodies"] == asked


def test_a_new_article_changes_feed_and_listing_and_nothing_else(client: httpx.Client) -> None:
    """After an advance only what a new article touches is served again."""
    with Newsroom(outlets=()) as newsroom:
        newsroom.add_outlet("alpha")
        first = newsroom.add_article("alpha", title="Первая", text="Текст первой.")
        feed, page = newsroom.url("alpha", "/rss.xml"), newsroom.press.url(first)
        old = {url: _validators(client.get(url)) for url in (feed, page)}
        newsroom.add_article("alpha", title="Вторая", text="Текст второй.", published="2026-03-01T05:00:00Z")
        assert client.get(feed, headers=old[feed]).status_code == 304
        newsroom.advance(hours=6)
        assert client.get(page, headers=old[page]).status_code == 304
        changed = client.get(feed, headers=old[feed])
        assert changed.status_code == 200
        assert "Вторая" in changed.text


def test_the_clock_only_goes_forward() -> None:
    """Articles appear by their time; a step backwards is refused."""
    with Newsroom(clock="2026-02-20T00:00:00Z") as newsroom:
        before = len(newsroom.ledger()["articles"])
        newsroom.advance(days=3)
        assert len(newsroom.ledger()["articles"]) > before
        with pytest.raises(ValueError, match="backwards"):
            newsroom.advance(hours=-1)
        with pytest.raises(ValueError, match="backwards"):
            newsroom.clock.set(datetime(2026, 2, 1, tzinfo=UTC))


def test_every_kind_of_fate_is_planted(late: Newsroom) -> None:
    """The ledger holds at least twenty kinds of change, all kinds of deletion and of trouble, and reprints."""
    ledger = late.ledger()
    kinds = {row["kind"] for row in (*ledger["edits"], *ledger["non_edits"])}
    assert len(kinds) >= 20
    assert {row["gone"] for row in ledger["deletions"]} == {"404", "410", "soft-404", "home", "section", "replaced"}
    assert ledger["returns"]
    troubles = {row["trouble"] for row in ledger["episodes"]}
    assert troubles == {"403", "429", "500", "503", "time-out", "robots-closed", "robots-503", "empty-page"}
    disguises = {copy["kind"] for group in ledger["reprints"] for copy in group["copies"]}
    assert len(disguises) == 10
    assert all(copy["delay_minutes"] > 0 for group in ledger["reprints"] for copy in group["copies"])
    assert ledger["excerpts"]
    assert ledger["translations"]
    assert any(len(family["urls"]) >= 4 for family in ledger["families"])
    flaps = [row for row in ledger["edits"] if row["kind"] == "headline flaps"]
    assert len(flaps) == 1


def test_changes_that_make_no_version_change_no_words() -> None:
    """A change that is no version leaves headline and paragraphs as they were, or brings an earlier state back."""
    for piece in pieces():
        seen = {(piece.title, piece.paragraphs)}
        for change in piece.changes:
            state = piece.at(change.at)
            if change.version:
                assert (state.title, state.paragraphs) not in seen, (piece.id, change.kind)
            elif change.gone != "replaced":
                assert (state.title, state.paragraphs) in seen, (piece.id, change.kind)
            seen.add((state.title, state.paragraphs))


def test_noise_moves_the_bytes_and_not_the_words() -> None:
    """Outlets with a counter, clock, rotating advertisement or live related box change by the hour; others stand."""
    press = _press()
    for outlet in press.outlets.values():
        piece = next(
            piece
            for piece in press.published(outlet.id, LATE)
            if not piece.changes and piece.published < LATE - timedelta(days=4)
        )
        soon = LATE - timedelta(days=3) if "related" in outlet.noise else LATE - timedelta(hours=5)
        early, now = (answer(press, outlet, piece.path, when).body for when in (soon, LATE))
        assert (early != now) == bool(outlet.noise), outlet.id


def test_feeds_and_sitemaps_are_of_their_kind(late: Newsroom, client: httpx.Client) -> None:
    """RSS, Atom, JSON Feed and sitemaps parse and list what the ledger says; the malformed one is malformed."""
    namespaces = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    for outlet in late.ledger()["outlets"]:
        for entry in outlet["entries"]:
            response = client.get(entry["url"])
            match entry["format"]:
                case "rss" | "atom":
                    parsed = feedparser.parse(response.content)
                    assert not parsed.bozo
                    assert len(parsed.entries) == len(entry["lists"]) > 0
                case "rss-malformed":
                    assert feedparser.parse(response.content).bozo
                    with pytest.raises(etree.XMLSyntaxError):
                        etree.fromstring(response.content)
                case "json-feed":
                    assert [item["url"] for item in response.json()["items"]] == entry["lists"]
                case "sitemap" | "news-sitemap":
                    root = etree.fromstring(response.content)
                    assert root.xpath("//s:loc/text()", namespaces=namespaces) == entry["lists"]
                case "sitemap-index":
                    found, queue = set(), [entry["url"]]
                    while queue:
                        body = client.get(queue.pop()).content
                        root = etree.fromstring(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
                        locations = root.xpath("//s:loc/text()", namespaces=namespaces)
                        if etree.QName(root).localname == "sitemapindex":
                            queue += locations
                        else:
                            found.update(locations)
                    assert found == set(entry["lists"])
                case "dead":
                    parsed = feedparser.parse(response.content)
                    assert response.status_code != 200 or not parsed.entries


def test_sections_lead_through_all_pages(late: Newsroom, client: httpx.Client) -> None:
    """Following the next-page links of a section finds every standing article of its outlet."""
    for outlet in late.ledger()["outlets"]:
        for entry in outlet["entries"]:
            if entry["format"] != "section":
                continue
            found: set[str] = set()
            url: str | None = entry["url"]
            while url:
                page = client.get(url).text
                found |= set(map(html.unescape, re.findall(r'<div class="list-item"><a href="([^"]+)"', page)))
                following = re.search(r'<link rel="next" href="([^"]+)"', page)
                url = html.unescape(following[1]) if following else None
            assert found == set(entry["lists"])


def test_tracking_redirects_and_amp_lead_to_the_article(late: Newsroom, client: httpx.Client) -> None:
    """Feed links with tracking answer with the article, go-links redirect to it, AMP twins name it as canonical."""
    feed = feedparser.parse(client.get(late.url("hronograf", "/feed/")).content)
    assert "utm_source" in feed.entries[0].link
    assert client.get(feed.entries[0].link).status_code == 200
    go = feedparser.parse(client.get(late.url("severny", "/rss/")).content).entries[0].link
    location = client.get(go).headers["Location"]
    assert "/go/" in go
    assert client.get(location).status_code == 200
    for outlet in ("tumar", "hronograf", "moiyntal"):
        url = next(
            row["url_now"]
            for row in late.ledger()["articles"]
            if row["outlet"] == outlet and row["gone"] is None and row["url"] == row["url_now"]
        )
        amp = re.search(r'<link rel="amphtml" href="([^"]+)"', client.get(url).text)
        assert amp
        twin = client.get(html.unescape(amp[1]))
        assert twin.status_code == 200
        assert f'<link rel="canonical" href="{url}"' in twin.text


def test_one_outlet_speaks_windows_1251(late: Newsroom, client: httpx.Client) -> None:
    """Its charset is named in the page and not in the header."""
    response = client.get(late.url("pribrezh", "/lenta/"))
    assert "charset" not in response.headers["Content-Type"]
    assert "windows-1251" in response.content.decode("windows-1251")
    assert "Прибрежный листок" in response.content.decode("windows-1251")


def test_the_sources_file_describes_the_outlets(late: Newsroom) -> None:
    """It is TOML; every article's address is allowed, none is denied; each outlet has one dead candidate."""
    tables = {table["id"]: table for table in tomllib.loads(late.sources_toml())["source"]}
    ledger = late.ledger()
    assert list(tables) == [outlet["id"] for outlet in ledger["outlets"]]
    for outlet in ledger["outlets"]:
        formats = [entry["format"] for entry in outlet["entries"]]
        assert formats.count("dead") == 1
        assert [entry["url"] for entry in tables[outlet["id"]]["entries"]] == [e["url"] for e in outlet["entries"]]
        assert tables[outlet["id"]]["delay"] == 0
        closed = outlet["base"] + late.press.outlets[outlet["id"]].forbidden
        assert any(re.search(pattern, closed) for pattern in tables[outlet["id"]]["allow"]), closed
    for row in ledger["articles"]:
        table = tables[row["outlet"]]
        assert any(re.search(pattern, row["url"]) for pattern in table["allow"]), row["url"]
        assert not any(re.search(pattern, row["url"]) for pattern in table.get("deny", [])), row["url"]
        assert (
            not row["url"]
            .removeprefix(late.url(row["outlet"], ""))
            .startswith(late.press.outlets[row["outlet"]].disallow)
        )


def test_the_sources_file_passes_the_project_s_own_check(late: Newsroom, tmp_path: Path) -> None:
    """What the newsroom writes is what `scrapy check-sources` accepts, loopback allowed."""
    late.sources_toml(tmp_path / "sources.toml")
    assert load_sources(tmp_path / "sources.toml", allow_loopback=True)


def test_the_log_tells_manners(late: Newsroom, client: httpx.Client) -> None:
    """A forbidden page counts as a violation; one client that waits is never seen twice at a time."""
    mark = late.log.mark()
    robots = client.get(late.url("tumar", "/robots.txt")).text
    assert "Crawl-delay: 0.05" in robots
    assert "Sitemap: http://" in robots
    forbidden = re.search(r"User-agent: \*\nDisallow: (\S+)", robots)
    assert forbidden
    assert late.press.outlets["tumar"].forbidden.startswith(forbidden[1])
    client.get(late.url("tumar", late.press.outlets["tumar"].forbidden))
    client.get(late.url("tumar"), headers={"User-Agent": "Dauys test"})
    summary = late.log.summary(since=mark)
    assert (summary["requests"], summary["robots_violations"]) == (3, 1)
    assert max(summary["max_in_flight"].values()) == 1
    assert late.log.since(mark)[-1].headers["user-agent"] == "Dauys test"


def test_simultaneous_requests_are_seen() -> None:
    """Two requests at the same time on one host show in `max_in_flight`."""
    import threading

    with Newsroom(outlets=["tumar"], latency_s=0.2) as newsroom:
        url = newsroom.url("tumar")
        threads = [threading.Thread(target=lambda: httpx.get(url, trust_env=False)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert max(newsroom.log.summary()["max_in_flight"].values()) >= 2


def test_troubles_pass() -> None:
    """Within an episode the outlet answers with its trouble, before and after it as ever."""
    press = _press()
    for episode in press.episodes:
        outlet = press.outlets[episode.outlet]
        path = press.pieces[episode.piece].path if episode.piece else "/"
        if episode.trouble.startswith("robots"):
            path = "/robots.txt"
        calm, during, after = (
            answer(press, outlet, path, when)
            for when in (episode.start - timedelta(seconds=1), episode.start, episode.until)
        )
        assert calm.status == after.status == 200, episode
        assert (during.status, during.stall, during.body) != (calm.status, calm.stall, calm.body), episode


def test_a_time_out_drops_the_line(client: httpx.Client) -> None:
    """In a time-out episode the connection ends without an answer."""
    with Newsroom(outlets=(), stall_s=0.01) as newsroom:
        newsroom.add_outlet("alpha")
        piece = newsroom.add_article("alpha", title="Одна", text="Текст.")
        now = newsroom.clock.now()
        newsroom.trouble("alpha", "time-out", now, now + timedelta(hours=1), piece.id)
        with pytest.raises(httpx.TransportError):
            client.get(newsroom.press.url(piece))
        newsroom.advance(hours=1)
        assert client.get(newsroom.press.url(piece)).status_code == 200


def test_a_test_can_add_what_it_needs(client: httpx.Client) -> None:
    """Outlets, articles, edits, deletions and odd answers are a line each, also while the press runs."""
    with Newsroom(outlets=["hronograf"]) as newsroom:
        newsroom.add_outlet("beta", languages=("kk",), design="gazette")
        piece = newsroom.add_article("beta", title="Бір жаңалық", text="Бірінші жол.\nЕкінші жол.")
        page = newsroom.press.url(piece)
        assert "Екінші жол." in client.get(page).text
        newsroom.change(piece.id, text="Бірінші жол.\nҮшінші жол.")
        newsroom.vanish(piece.id, "410", at=newsroom.clock.now() + timedelta(hours=1))
        assert "Үшінші жол." in client.get(page).text
        newsroom.advance(hours=1)
        assert client.get(page).status_code == 410
        newsroom.route("beta", "/odd", Answer(status=418, body=b"short and stout"))
        assert client.get(newsroom.url("beta", "/odd")).status_code == 418
        ledger = newsroom.ledger()
        assert [row["kind"] for row in ledger["edits"] if row["outlet"] == "beta"] == ["edit"]
        assert [row["gone"] for row in ledger["deletions"]] == ["410"]
        with pytest.raises(KeyError):
            newsroom.add_article("gamma", title="Нет такого")
    with pytest.raises(KeyError, match="gamma"):
        Newsroom(outlets=["gamma"])


def test_each_outlet_can_have_its_own_port(client: httpx.Client) -> None:
    """Where there is only 127.0.0.1, outlets differ by their port."""
    with Newsroom(outlets=["tumar", "telkol"], hosts="ports") as newsroom:
        bases = newsroom.describe()["outlets"]
        assert all(base.startswith("http://127.0.0.1:") for base in bases.values())
        assert len(set(bases.values())) == 2
        assert "Телкөл тынысы" in client.get(bases["telkol"] + "/").text


def test_the_newsroom_runs_as_a_process(tmp_path: Path, client: httpx.Client) -> None:
    """It prints its addresses, obeys the control desk, and ends in order on SIGTERM."""
    sources = tmp_path / "sources.toml"
    command = [sys.executable, "-m", "tests.newsroom", "--port", "0", "--clock", "2026-03-01T00:00:00Z"]
    with subprocess.Popen(
        [*command, "--sources", str(sources)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            described: dict[str, Any] = json.loads(process.stdout.readline())
            desk = described["control"] + "/_newsroom/"
            assert client.get(described["outlets"]["tumar"] + "/").status_code == 200
            assert client.post(desk + "advance", json={"hours": 6}).json() == {"clock": "2026-03-01T06:00:00Z"}
            assert client.post(desk + "advance", json={"hours": -6}).status_code == 400
            assert client.get(desk + "ledger").json()["clock"] == "2026-03-01T06:00:00Z"
            assert client.get(desk + "summary").json()["requests"] == 1
            assert client.get(desk + "log").json()[0]["path"] == "/"
            assert client.get(desk + "sources.toml").text == sources.read_text(encoding="utf-8")
            assert client.get(described["outlets"]["tumar"] + "/_newsroom/ledger").status_code == 404
        finally:
            process.terminate()
        assert process.wait(timeout=60) == 0


def test_the_example_article_can_be_served(shared_data: Path, client: httpx.Client) -> None:
    """The article that the archive is for is served by a local outlet from the shared data."""
    title, _, text = (shared_data / "seed" / "article_2026-03-10.txt").read_text(encoding="utf-8").partition("\n")
    with Newsroom(outlets=(), clock="2026-03-11T00:00:00Z") as newsroom:
        newsroom.add_outlet("zher")
        piece = newsroom.add_article("zher", title=title, text=text, published="2026-03-10T07:00:00Z", language="ru")
        page = html.unescape(client.get(newsroom.press.url(piece)).text)
        assert all(paragraph in page for paragraph in piece.paragraphs)
        assert newsroom.press.url(piece) in client.get(newsroom.url("zher", "/rss.xml")).text
