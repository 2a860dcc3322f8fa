"""`scrapy check-sources` as a user runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from scrapy.cmdline import execute
from scrapy.settings import Settings

GOOD = """\
[[source]]
id = "sholpan"
name = "Sholpan"
homepage = "https://sholpan.example/"
languages = ["kk", "ru"]
country = "KZ"
kind = "state"
timezone = "Asia/Almaty"
entries = [{ kind = "feed", url = "https://sholpan.example/rss" }]
"""


def run(*args: str, **settings: object) -> int:
    """Run `scrapy check-sources` in this process; return its exit code."""
    with pytest.raises(SystemExit) as ended:
        execute(
            ["scrapy", "check-sources", *args],
            Settings({"COMMANDS_MODULE": "crawler.commands", "LOG_ENABLED": False, **settings}),
        )
    return int(ended.value.code or 0)


def test_a_good_file_is_one_line_of_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert run(str(path)) == 0
    told = capsys.readouterr()
    assert told.out == f"{path}: no problem in 1 outlets (1 enabled; state 1; kk 1, ru 1), 1 entries\n"
    assert told.err == ""


def test_every_problem_is_a_line_and_the_exit_code_is_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace("state", "stat").replace('"KZ"', '"KK"'), encoding="utf-8")
    assert run(str(path)) == 1
    told = capsys.readouterr()
    assert told.out == ""
    first, second = told.err.splitlines()
    assert first.startswith(f'{path}:6: [[source]] #1 "sholpan": country: "KK" is no ISO 3166-1 code')
    assert second.startswith(f'{path}:7: [[source]] #1 "sholpan": kind: "stat" is none of state, ')


def test_loopback_only_when_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace("https://sholpan.example", "http://127.0.0.1:8000"), encoding="utf-8")
    assert run(str(path)) == 1
    assert "only with --allow-loopback" in capsys.readouterr().err
    assert run("--allow-loopback", str(path)) == 0
    assert run(str(path), ALLOW_LOOPBACK=True) == 0


def test_a_spider_that_cannot_be_loaded_is_a_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD + 'spider = "absent"\n', encoding="utf-8")
    assert run(str(path)) == 1
    assert capsys.readouterr().err.startswith(
        f'{path}: [[source]] "sholpan": spider: cannot import crawler.spiders.absent'
    )


def test_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(tmp_path / "absent.toml")) == 1
    assert capsys.readouterr().err == f"{tmp_path / 'absent.toml'}: there is no such file\n"


def test_wrong_usage_is_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("a.toml", "b.toml") == 2
    assert run("--allow-loopbak") == 2
    assert "Traceback" not in capsys.readouterr().err


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    assert "Example: scrapy check-sources" in " ".join(capsys.readouterr().out.split())


def test_the_projects_own_list_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    assert "sources.toml: no problem in" in capsys.readouterr().out
