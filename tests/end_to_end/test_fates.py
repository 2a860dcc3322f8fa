"""What happens to articles after publication: edits are versions, removals are seen twice, troubles are neither."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from archive.times import parsed
from tests.end_to_end.river import River
from tests.newsroom import Newsroom
from tests.newsroom.model import Piece

START = "2026-03-10T05:00:00Z"
VOTE = "Референдум по новой Конституции Казахстана"
SUBJECTS = {
    "headline": "наблюдатели приезжают в Жарбулак",
    "paragraph": "учителя сдают школьные спортзалы под участки",
    "quotes": "редакторы спорят о кавычках в тексте",
    "flapping": "газеты подбирают заголовки получше",
    "missing": "почтальоны разносят приглашения по дворам",
    "returning": "библиотеки выставляют проект на стенды",
    "soft": "таксисты обещают возить избирателей даром",
    "homeward": "пекари готовят пироги к дню голосования",
    "replaced": "студенты ведут счёт явки на доске",
    "forbidden": "врачи дежурят возле участков",
    "erring": "связисты тянут провода к сельским клубам",
    "stalling": "водители автобусов учат новый маршрут",
    "emptied": "музыканты репетируют гимн перед открытием",
    "moved": "архивисты листают протоколы прошлых лет",
    "quiet": "пенсионеры обсуждают преамбулу в парке",
}
"""What befalls a piece -> what it is about, all in other words, so that none is taken for a copy of another."""
DETAILS = (
    "Жители говорят о том, что {0}: разговоры начались задолго до указа и продолжаются в очередях.",
    "По словам собеседников газеты, {0}, и никто не удивлён, ведь 15 марта страна голосует за новую Конституцию.",
    "Референдум назначен президентом, бюллетени отпечатаны, а пока {0}, рассказали в областной комиссии.",
    "Корреспондент проверил на месте: действительно {0}. Подробности редакция обещает к выходным.",
)
CORRECTED = "Уточнение: в областной комиссии назвали первоначальные сведения неточными и прислали новые."


def publish(newsroom: Newsroom) -> dict[str, Piece]:
    """Publish one piece for each thing that can befall it, and plan it: everything begins two hours from now."""
    newsroom.add_outlet("gazeta", name="Газета для проверок", feed_depth=30)
    now = newsroom.clock.now()
    pieces = {
        key: newsroom.add_article(
            "gazeta",
            title=f"{VOTE}: {subject}",
            text="\n".join(detail.format(subject) for detail in DETAILS),
            published=now - timedelta(minutes=30 + place),
        )
        for place, (key, subject) in enumerate(SUBJECTS.items())
    }

    def at(hours: float) -> datetime:
        return now + timedelta(hours=hours)

    def change(key: str, hours: float, kind: str, **fields: Any) -> None:
        newsroom.change(pieces[key].id, kind=kind, at=at(hours), **fields)

    change("headline", 2, "headline changed", title=f"Главное: {VOTE.lower()}, {SUBJECTS['headline']}")
    change("paragraph", 2, "paragraph corrected", text="\n".join([*pieces["paragraph"].paragraphs[:3], CORRECTED]))
    change("quotes", 2, "quotation marks changed", dress="quotes", version=False)
    change("flapping", 2, "headline flaps", title="Вы удивитесь: газеты ищут слова о референдуме")
    change("flapping", 9, "headline flaps back", title=pieces["flapping"].title, version=False)
    change("missing", 2, "gone", gone="404")
    change("returning", 2, "gone", gone="410")
    change("returning", 9, "came back", back=True)
    change("soft", 2, "gone", gone="soft-404")
    change("homeward", 2, "gone", gone="home")
    change("replaced", 2, "gone", gone="replaced", title="Как солить грузди", text="Грузди вымачивают три дня.\n" * 4)
    change("moved", 2, "moved", moved_to="/news/novyi-adres-777")
    for key, trouble in (("forbidden", "403"), ("erring", "500"), ("stalling", "time-out"), ("emptied", "empty-page")):
        newsroom.trouble("gazeta", trouble, at(2), at(8), pieces[key].id)  # type: ignore[arg-type]
    return pieces


@dataclass(frozen=True, kw_only=True)
class Fates:
    """The archive after five looks: at the beginning, 3, 4.5, 6 and 10 hours later."""

    river: River
    pieces: dict[str, Piece]
    ledger: dict[str, Any]
    looks: list[dict[str, dict[str, Any]]]

    def row(self, key: str, look: int = -1) -> dict[str, Any]:
        """Return the row of a piece as it stood after a look."""
        return self.looks[look][self.url(key)]

    def url(self, key: str) -> str:
        """Return a piece's first address."""
        return self.river.newsroom.press.url(self.pieces[key])


@pytest.fixture(scope="module")
def fates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fates]:
    """Publish, and look five times."""
    with Newsroom(outlets=[], clock=START, stall_s=0.1) as newsroom:
        pieces = publish(newsroom)
        river = River(folder=tmp_path_factory.mktemp("fates"), newsroom=newsroom)
        looks = []
        for hours in (0, 3, 1.5, 1.5, 4):
            newsroom.advance(hours=hours)
            river.once()
            looks.append(river.articles())
        yield Fates(river=river, pieces=pieces, ledger=newsroom.ledger(), looks=looks)


def test_every_piece_is_one_row_from_first_to_last(fates: Fates) -> None:
    """No edit, move, removal or trouble makes an article of an article, or loses one."""
    for look in fates.looks:
        assert set(look) == {fates.url(key) for key in SUBJECTS}


def test_versions_are_those_of_the_ledger(fates: Fates) -> None:
    """Planted edits become versions; new quotation marks, a flap back, a move and an empty page do not."""
    expected = {article["url"]: article["versions"] for article in fates.ledger["articles"]}
    # the page of a replaced article is another article, and no version of it
    expected[fates.url("replaced")] = 1
    assert {url: row["versions"] for url, row in fates.looks[-1].items()} == expected
    assert sum(count - 1 for count in expected.values()) == 3
    assert fates.row("headline", 1)["title"].startswith("Главное: ")
    assert CORRECTED in fates.row("paragraph", 1)["text"]


def test_the_first_state_is_kept(fates: Fates) -> None:
    """The text before an edit stays, word for word, and the edit is told as what it was."""
    before = fates.river.rows(
        "select v.title, v.text from versions v join articles a on a.id = article_id where url = ? and n = 1",
        fates.url("paragraph"),
    )
    assert [(row["title"], row["text"]) for row in before] == [
        (fates.pieces["paragraph"].title, "\n".join(fates.pieces["paragraph"].paragraphs))
    ]
    edits = {row["url"]: row for row in fates.river.rows("select * from edits")}
    assert set(edits) == {fates.url(key) for key in ("headline", "paragraph", "flapping")}
    assert [edits[fates.url(key)]["headline_changed"] for key in ("headline", "paragraph")] == [1, 0]


def test_removals_are_believed_at_the_second_sight(fates: Fates) -> None:
    """404, 410, a soft 404, the home page or another article instead: gone at the second sight, an hour later."""
    gone = {"missing": "404", "returning": "410", "soft": "soft-404", "homeward": "redirect-home",
            "replaced": "replaced"}  # fmt: skip
    for key, status in gone.items():
        assert fates.row(key, 1)["gone_at"] is None, key
        assert (fates.row(key, 2)["gone_at"] is not None, fates.row(key, 2)["gone_status"]) == (True, status), key
        assert fates.row(key, 2)["text"] == "\n".join(fates.pieces[key].paragraphs), key
    seen = parsed(fates.row("missing", 2)["gone_at"])
    assert seen - parsed(START) > timedelta(hours=2), "it went two hours after the start"
    assert {row["url"] for row in fates.river.rows("select url from deletions")} == {fates.url(key) for key in gone}


def test_troubles_are_no_removals(fates: Fates) -> None:
    """403, 500, time-outs and empty pages, at every look for six hours, take nothing away; nor does a move."""
    for look in range(5):
        for key in ("forbidden", "erring", "stalling", "emptied", "moved", "quiet"):
            assert fates.row(key, look)["gone_at"] is None, (key, look)
    troubled = fates.river.rows("select url, state, last_error from links where url = ?", fates.url("forbidden"))
    assert [row["state"] for row in troubled] == ["stored"]


def test_a_return_is_recorded(fates: Fates) -> None:
    """An article that comes back is no longer gone, and both its going and its coming are told."""
    assert fates.row("returning", 2)["gone_at"]
    assert fates.row("returning")["gone_at"] is None
    (removal,) = fates.river.rows("select * from deletions where url = ?", fates.url("returning"))
    assert removal["gone_at"] < removal["back_at"]
    assert all(row["gone_at"] for key in ("missing", "soft", "homeward", "replaced") for row in [fates.row(key)])


def test_a_move_is_followed(fates: Fates) -> None:
    """A moved article keeps its row; its new address leads to it and is not fetched as another one."""
    new = fates.river.newsroom.url("gazeta", "/news/novyi-adres-777")
    (link,) = fates.river.rows("select article_id from links where url = ?", new)
    assert link["article_id"] == fates.row("moved")["id"]
    assert fates.row("moved")["last_seen_at"] > fates.row("moved", 0)["last_seen_at"]
