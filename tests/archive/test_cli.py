"""The command line: its contract of output and exit codes, and one plain line for everything that goes wrong."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archive.cli import cli
from archive.commandline import PROBLEM, WRONG_USAGE
from archive.db import open_archive, write

COMMANDS = sorted(cli.modules)
READING = {
    "search": ["референдум"],
    "stories": [],
    "network": [],
    "history": ["1"],
    "edits": [],
    "deletions": [],
    "stats": [],
    "status": [],
    "verify": [],
    "backup": ["{target}"],
    "serve": [],
}


def run(*args: str, archive: Path | None = None, colour: bool = False) -> Result:
    extra = ["--archive", str(archive)] if archive else []
    environment = {"FORCE_COLOR": "1", "COLUMNS": "120"} if colour else {"FORCE_COLOR": None, "NO_COLOR": "1"}
    return CliRunner(env=environment | {"ARCHIVE": None}).invoke(cli, [*args, *extra], prog_name="python -m archive")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    result = run(name, "--help")
    assert result.exit_code == 0
    assert "Example" in result.output
    assert f"python -m archive {name}" in result.output


def test_search_prints_json_lines(pressed: Path) -> None:
    result = run("search", "референдум", "--lang", "ru", "--json", archive=pressed)
    assert result.exit_code == 0
    lines = [json.loads(line) for line in result.output.splitlines()]
    assert len(lines) == 2
    assert set(lines[0]) == {"url", "title", "source", "language", "published_at", "snippet", "score"}
    assert lines[0]["published_at"].endswith("Z")
    assert lines[0]["score"] >= lines[1]["score"]
    assert not any(ord(char) in (0xE000, 0xE001) for char in result.output)


def test_search_on_a_terminal_and_in_a_pipe(pressed: Path) -> None:
    assert "\x1b[" in run("search", "референдум", archive=pressed, colour=True).output
    piped = run("search", "референдум", archive=pressed).output
    assert "\x1b" not in piped
    assert "https://dala.example/news/1" in piped


def test_filters_of_search(pressed: Path) -> None:
    assert run("search", "референдум", "--since", "2026-03-11", "--json", archive=pressed).stdout == ""
    assert run("search", "бюджет", "--topic", "referendum", "--json", archive=pressed).stdout == ""
    assert (
        run("search", "референдум", "--source", "jel", "--limit", "1", "--json", archive=pressed).stdout.count("\n")
        == 1
    )


@pytest.mark.parametrize(
    "args",
    [
        ["search"],
        ["search", "AND"],
        ["search", "x", "--since", "yesterday"],
        ["search", "x", "--limit", "0"],
        ["stories", "--by", "colour"],
        ["nonsense"],
        ["stats", "--nonsense"],
        ["backup"],
    ],
)
def test_wrong_usage_is_one_line_and_2(args: list[str], pressed: Path) -> None:
    result = run(*args, archive=pressed) if args[0] in COMMANDS else run(*args)
    assert result.exit_code == WRONG_USAGE
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("Error: ")
    assert "--help" in result.stderr


def missing(folder: Path) -> Path:
    return folder / "none.db"


def a_folder(folder: Path) -> Path:
    return folder


def a_text(folder: Path) -> Path:
    (folder / "text.db").write_text("Это не база данных. " * 100)
    return folder / "text.db"


def an_empty_file(folder: Path) -> Path:
    (folder / "empty.db").touch()
    return folder / "empty.db"


def foreign(folder: Path) -> Path:
    connection = sqlite3.connect(folder / "foreign.db")
    connection.execute("create table t (x)")
    connection.close()
    return folder / "foreign.db"


@pytest.mark.parametrize("make", [missing, a_folder, a_text, an_empty_file, foreign])
@pytest.mark.parametrize("name", READING)
def test_what_is_no_archive_is_told_in_one_line(name: str, make: object, tmp_path: Path) -> None:
    """No traceback, nothing made, nothing changed, whatever the file is."""
    path = make(tmp_path)  # type: ignore[operator]
    before = path.read_bytes() if path.is_file() else None
    args = [arg.format(target=tmp_path / "copy.db") for arg in READING[name]]
    result = run(name, *args, archive=path)
    assert result.exit_code in (PROBLEM, WRONG_USAGE)
    assert result.exit_code == WRONG_USAGE or name == "verify"
    assert result.stderr.count("\n") == 1
    assert str(path) in result.stderr
    assert (path.read_bytes() if path.is_file() else None) == before
    assert not (tmp_path / "none.db").exists()
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.parametrize("name", [name for name in READING if name != "serve"])
def test_damage_is_told_in_one_line(name: str, small: Path, tmp_path: Path) -> None:
    """Every page but the first spoilt: each command says so and where to look, and none shows a traceback."""
    connection = sqlite3.connect(small)
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()
    with small.open("r+b") as stream:
        size = stream.seek(0, 2)
        for offset in range(4096 * 30, size - 4096, 4096):
            stream.seek(offset)
            stream.write(b"\xff" * 4096)
    args = [arg.format(target=tmp_path / "copy.db") for arg in READING[name]]
    result = run(name, *args, archive=small)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.exit_code in (0, PROBLEM)
    if name in ("verify", "backup"):
        assert result.exit_code == PROBLEM
    assert result.stderr.count("\n") <= 1


def test_status(pressed: Path, small: Path) -> None:
    """Exit 1 exactly when a source is in trouble; that source stands first."""
    db = open_archive(small)
    with write(db):
        db.execute("update entries set last_new_at = '2999-01-01T00:00:00Z'")
    assert run("status", archive=small).exit_code == 0
    with write(db):
        db.execute("update entries set failures = 2, last_error = 'HTTP 503' where source_id = 'steppe'")
    db.close()
    result = run("status", archive=small)
    assert result.exit_code == PROBLEM
    assert result.stdout.splitlines()[1].split()[:2] == ["failing", "steppe"]
    assert "HTTP 503" in result.stdout
    assert json.loads(run("status", "--json", archive=small).stdout.splitlines()[0])["state"] == "failing"
    assert "\x1b[31m" in run("status", archive=small, colour=True).output


def test_stats(pressed: Path) -> None:
    held = json.loads(run("stats", "--json", archive=pressed).stdout)
    assert held["articles"] == 5
    assert held["by_language"] == {"ru": 3, "en": 1, "kk": 1}
    text = run("stats", archive=pressed).stdout
    assert "reprints" in text
    assert "kk" in text


def test_verify(pressed: Path, small: Path) -> None:
    result = run("verify", archive=pressed)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "whole. 5 articles, 6 pages" in result.stdout
    db = open_archive(small)
    with write(db):
        db.execute("drop trigger articles_fts_update")
        db.execute("update articles set title = 'Иное' where id = 1")
    db.close()
    assert run("verify", archive=small).exit_code == PROBLEM
    assert run("verify", "--rebuild-index", archive=small).exit_code == 0


def test_backup(pressed: Path, tmp_path: Path) -> None:
    result = run("backup", str(tmp_path / "copy.db"), archive=pressed)
    assert result.exit_code == 0
    assert run("stats", "--json", archive=tmp_path / "copy.db").exit_code == 0
    again = run("backup", str(tmp_path / "copy.db"), archive=pressed)
    assert again.exit_code == WRONG_USAGE
    assert "exists already" in again.stderr


def test_stories(pressed: Path) -> None:
    (story,) = [json.loads(line) for line in run("stories", "--json", archive=pressed).stdout.splitlines()]
    assert (story["story"], story["articles"], story["sources"], story["first_source"], story["hours"]) == (
        1,
        2,
        2,
        "dala",
        3.0,
    )
    for order in ("size", "speed", "languages"):
        assert run("stories", "--by", order, "--source", "jel", archive=pressed).stdout.count("\n") == 2
    assert [line.split()[0] for line in run("stories", "1", archive=pressed).stdout.splitlines()] == [
        "role",
        "first",
        "reprint",
    ]
    assert run("stories", "99", archive=pressed).exit_code == PROBLEM
    assert run("stories", "--since", "2026-03-11", "--json", archive=pressed).stdout == ""


def test_network(pressed: Path) -> None:
    (pair,) = [json.loads(line) for line in run("network", "--json", archive=pressed).stdout.splitlines()]
    assert pair == {
        "first_source": "dala",
        "copied_by": "jel",
        "articles": 1,
        "similarity": 1.0,
        "median_delay_minutes": 180.0,
    }


def test_edits_and_deletions(pressed: Path) -> None:
    (edit,) = [
        json.loads(line)
        for line in run("edits", "--json", "--headlines", "--silent", archive=pressed).stdout.splitlines()
    ]
    assert (edit["title_before"], edit["title_after"]) == (
        "Referendum called for 15 March",
        "Referendum set for 15 March",
    )
    assert "Referendum set" in run("edits", archive=pressed).stdout
    assert "title before" in run("edits", "--headlines", archive=pressed).stdout
    (gone,) = [json.loads(line) for line in run("deletions", "--json", archive=pressed).stdout.splitlines()]
    assert (gone["status"], gone["gone_at"]) == ("404", "2026-03-11T07:00:00Z")
    assert run("deletions", "--since", "2026-03-12", archive=pressed).stderr == "None.\n"


@pytest.mark.parametrize(
    "what", ["3", "https://steppe.example/news/3", "http://steppe.example/news/3", "https://steppe.example/news/3/"]
)
def test_history(pressed: Path, what: str) -> None:
    text = run("history", what, archive=pressed).stdout
    assert "Referendum [-called-]{+set+} for 15 March" in text
    assert "{+popular +}" in text
    assert "officials said" in text


def test_history_in_colour_and_as_json(pressed: Path) -> None:
    assert "\x1b[32m" in run("history", "3", archive=pressed, colour=True).output
    versions = [json.loads(line) for line in run("history", "3", "--json", archive=pressed).stdout.splitlines()]
    assert [version["n"] for version in versions] == [1, 2]
    assert versions[0]["text"] != versions[1]["text"]
    unknown = run("history", "https://none.example/", archive=pressed)
    assert (unknown.exit_code, unknown.stderr.count("\n")) == (PROBLEM, 1)


@pytest.mark.parametrize("colour", [False, True])
def test_a_stored_title_cannot_drive_the_terminal(small: Path, colour: bool) -> None:
    """Escapes, bidi overrides and markup in a title come out as harmless text, whoever put them there."""
    db = open_archive(small)
    with write(db):
        evil = "\x1b]0;pwned\x07\x1b[2J\u202eевил [bold]референдум[/bold] [link=file:///]x\r\nsecond"
        db.execute("update articles set title = ?, text = text || ? where id = 1", [evil, evil])
        db.execute("update articles set url = 'https://dala.example/\x1b[2J' where id = 1")
        db.execute("update article_versions set title = ? where article_id in (1, 3) and n = 1", [evil])
    db.close()
    for args in (
        ["search", "референдум"],
        ["stories"],
        ["stories", "1"],
        ["edits"],
        ["edits", "--headlines"],
        ["history", "1"],
        ["history", "3"],
    ):
        output = run(*args, archive=small, colour=colour).output
        assert "\x1b]" not in output
        assert "\x1b[2J" not in output
        assert "\u202e" not in output
        assert "\r" not in output
    assert "[bold]" in run("search", "референдум", archive=small, colour=colour).output


def test_the_archive_is_named_by_the_environment(pressed: Path) -> None:
    result = CliRunner(env={"ARCHIVE": str(pressed)}).invoke(cli, ["stats", "--json"])
    assert result.exit_code == 0


def test_codebook() -> None:
    assert "## articles" in run("codebook").stdout


def test_serve_says_where_a_port_is_taken(pressed: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = run("serve", "--port", str(taken.getsockname()[1]), archive=pressed)
    assert result.exit_code == PROBLEM
    assert "cannot listen" in result.stderr
    assert result.stderr.count("\n") == 1


def test_serve_answers_and_stops(pressed: Path) -> None:
    """The real command in a process of its own: it says its address, answers there, and ends on SIGTERM."""
    import urllib.request

    command = [sys.executable, "-u", "-m", "archive", "serve", "--port", "0", "--archive", str(pressed)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        address = child.stdout.readline().split(" is at ")[1].split()[0]
        # the socket listens before the server answers, so the request waits as long as it must
        with urllib.request.urlopen(address + "archive/articles.json?_shape=array&_col=id", timeout=60) as answer:
            assert len(json.load(answer)) == 5
    finally:
        child.terminate()
        child.communicate(timeout=60)


AS_NOBODY = """
import os, sys
from archive.cli import cli
warm, archive = sys.argv[1:3]
for path in (warm, archive):
    if path == archive and os.getuid() == 0:
        os.setgroups([]); os.setgid(65534); os.setuid(65534)
    for args in (["search", "референдум", "--json"], ["stats", "--json"], ["verify"], ["verify", "--rebuild-index"]):
        try:
            cli([*args, "--archive", path], prog_name="python -m archive")
        except SystemExit as end:
            if path == archive:
                print("exit", end.code, flush=True)
"""


@pytest.fixture
def closed_folder(pressed: Path) -> Iterator[Path]:
    """Return an archive in a folder that nobody but root can write to, outside of pytest's own private folders."""
    folder = Path(tempfile.mkdtemp(prefix="dauys-test-"))
    try:
        shutil.copytree(pressed.parent / "warc", folder / "warc")
        source = sqlite3.connect(pressed)
        copy = sqlite3.connect(folder / pressed.name)
        source.backup(copy)
        source.close()
        copy.close()
        for path in folder.rglob("*"):
            path.chmod(0o555 if path.is_dir() else 0o444)
        folder.chmod(0o555)
        yield folder / pressed.name
    finally:
        folder.chmod(0o755)
        (folder / "warc").chmod(0o755)
        shutil.rmtree(folder)


def test_a_read_only_folder_can_be_read_and_verified(closed_folder: Path, small: Path) -> None:
    """Reading needs no right to write; what does need it says so in one line."""
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, str(small), str(closed_folder)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parent.parent.parent,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1"},
    )
    ends = [line for line in done.stdout.splitlines() if line.startswith("exit")]
    assert ends == ["exit 0", "exit 0", "exit 0", "exit 2"], done.stdout + done.stderr
    assert done.stderr.count("\n") == 1
    assert "cannot be written" in done.stderr
