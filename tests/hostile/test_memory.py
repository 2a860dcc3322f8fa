"""Hostile pages that grow their reader while many large ones are on their way: the processes together stay small."""

from __future__ import annotations

from pathlib import Path

from tests.hostile.case import Cases, Later
from tests.hostile.checks import MOST_MIB
from tests.hostile.crawling import crawl_over
from tests.hostile.press import GOOD, article
from tests.mockserver import MockServer

CASES = Cases()
LARGE, HOSTILE = 9, 4
SCRIPTS = "<script>" + "var abc = 'lorem ipsum dolor';\n" * 130_000 + "</script>"
KAZAKH = "<p>Аудан тұрғындары мектепте референдум туралы жаңа Конституция жобасын талқылап, пікірлерін айтты.</p>"
ENGLISH = "<p>Residents of the district discussed the referendum on the new Constitution of Kazakhstan at school.</p>"

for number in range(LARGE):
    # three languages: every model is loaded
    text = ("", KAZAKH * 30, ENGLISH * 30)[number % 3]
    CASES.page(
        f"large-{number}", "4 MB of scripts around an article",
        Later(lambda number=number, text=text: article(300 + number, body=text + SCRIPTS)), "stored",
    )  # fmt: skip
    if number < HOSTILE:
        CASES.page(
            f"growing-{number}", "a page that grows its reader",
            Later(lambda rows=(200_000, 50_000)[number % 2]: "<table>" + "<tr><td>x" * rows),
        )  # fmt: skip


def test_two_readers_that_meet_hostile_pages_stay_within_the_bound(tmp_path: Path) -> None:
    """Under 500 MB in all, every good and every large page stored, every hostile one refused with its reason."""
    with MockServer() as web:
        watched = crawl_over(web, tmp_path, CASES.all, READERS="2", READ_TIME_LIMIT_S="20")
    assert watched.good_stored == GOOD
    stored = watched.rows("select 1 from links where url like '%/news/large-%' and state = 'stored'")
    assert len(stored) == LARGE
    refused = watched.rows("select last_error from links where url like '%/news/growing-%' and state = 'failed'")
    assert len(refused) == HOSTILE
    assert sum("needed more than" in row["last_error"] for row in refused) >= HOSTILE // 2
    assert len(watched.parts_mib) >= 3, "both readers were there at the peak"
    assert watched.peak_mib < MOST_MIB, watched.parts_mib
