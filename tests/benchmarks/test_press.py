"""The benchmarks' press and what is compared with it: pages change as it is served, and who tells a change is seen."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace

import pytest

from benchmarks import page_press, press_changes, press_server
from benchmarks.press_server import Served, running
from benchmarks.scoring import Edit, Got, remembered, score

PORT = 8766
"""Not that of a benchmark that runs at the same time."""


@pytest.fixture(scope="module")
def press(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page_press, "PORT", PORT)
        patch.setattr(press_server, "PORT", PORT)
        patch.setenv("BENCH_PORT", str(PORT))
        with running(tmp_path_factory.mktemp("press"), 1, 6) as served:
            yield served


def ask(url: str, tag: str = "") -> tuple[int, str, str]:
    """Return status, validator and text of an answer."""
    request = urllib.request.Request(url, headers={"If-None-Match": tag} if tag else {})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers["ETag"], answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get("ETag") or "", ""


def test_pages_change_and_go_while_it_is_served(press: Served) -> None:
    """A changed page has another text and another validator, a removed one is 404 or 410, all others stay."""
    first, second, third, *others = press.truths
    before = {one.url: ask(one.url) for one in press.truths}
    assert all(ask(url, tag) == (304, tag, "") for url, (_, tag, _) in before.items())
    (edit,) = press_changes.edit(press.folder, [first])
    press_changes.remove(press.folder, [second.url, third.url])
    press.again()
    status, tag, text = ask(first.url, before[first.url][1])
    assert status == 200
    assert tag != before[first.url][1]
    assert edit.new in text
    assert f"<p>{edit.old}</p>" not in text
    assert [ask(one.url)[0] for one in (second, third)] == [404, 410]
    assert all(ask(one.url, before[one.url][1])[0] == 304 for one in others)


TRUTHS = [
    page_press.Truth(
        url=f"http://x.example/{n}", title=f"Title {n}", language="kk" if n else "en",
        text=f"First of {n}.\nЕкінші сөйлем {n}.", published_at="2026-03-15T21:30:00+00:00",
    )
    for n in range(4)
]  # fmt: skip
EDITS = [Edit(url=TRUTHS[0].url, old="Екінші сөйлем 0.", new="Corrected.")]
GONE = [TRUTHS[1].url]
OLD = [Got(url=one.url, title=one.title, text=one.text, published=one.published_at) for one in TRUTHS]
NEW = replace(OLD[0], text="First of 0.\nCorrected.")


@pytest.mark.parametrize(
    ("kept", "gone", "expected"),
    [
        ([*OLD, NEW], {GONE[0], "http://x.example/3"}, (1, 1, 0, 1, 1)),
        ([*OLD, NEW, *OLD[2:]], set(), (1, 1, 2, 0, 0)),
        ([NEW, *OLD[2:]], set(), (1, 0, 0, 0, 0)),
        (OLD, set(), (0, 0, 0, 0, 0)),
    ],
    ids=["versions", "all again", "written over", "never again"],
)
def test_who_keeps_everything_twice_tells_no_change(kept: list[Got], gone: set[str], expected: tuple[int, ...]) -> None:
    """A change is told where both texts are kept and untouched pages once; a removal where it is one."""
    found = remembered(TRUTHS, EDITS, GONE, kept, gone)
    assert (found.new, found.both, found.unchanged_twice, found.told, found.removals) == expected


def test_what_is_right_is_counted() -> None:
    """Texts, Kazakh ones, headlines, days of either clock and minutes."""
    got = [replace(OLD[0], published="2026-03-16"), replace(OLD[1], text="Menu", title="Site"), OLD[2]]
    found = score(TRUTHS, got)
    assert (found.articles, found.texts, found.kazakh, found.titles, found.days, found.times) == (3, 2, 1, 2, 3, 2)
