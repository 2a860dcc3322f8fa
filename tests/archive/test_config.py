"""What is wrong with a configuration file is told in one line each, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.config import ConfigError, Problem, Table, load_toml, nearest

EXAMPLE = '''\
title = "x" # a comment with [brackets]

[defaults]
delay = 5
note = """
[[source]]
id = "not a table"
"""

[[source]]
id = "one"
languages = [
  "ru",  # [[source]]
]
entries = [
  { kind = "feed", url = "a" },

  { kind = "section", url = "b" },
]

[[source]]
id = "two"
kind = 'state'
[[source.entries]]
kind = "feed"
[[source.entries]]
kind = "section"
[source.limits]
depth = 3

[[source]]
id = "three"
'''


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "some.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_lines_of_tables_keys_and_items(tmp_path: Path) -> None:
    """Strings, comments and nested lists that look like tables are none; inner tables belong to the one above."""
    lines = load_toml(written(tmp_path, EXAMPLE)).lines
    assert lines.find("", 0, "title") == 1
    assert lines.find("defaults", 0) == 3
    assert lines.find("defaults", 0, "note") == 5
    assert [lines.find("source", number) for number in range(4)] == [10, 21, 31, None]
    assert lines.find("source", 0, "languages") == 12
    assert lines.find("source", 0, "entries") == 15
    assert [lines.find("source", 0, "entries", item) for item in range(3)] == [16, 18, 15]
    assert lines.find("source", 1, "kind") == 23
    assert [lines.find("source", 1, "entries", item) for item in range(2)] == [24, 26]
    assert lines.find("source", 1, "limits") == 28
    assert lines.find("source", 2, "id") == 32
    assert lines.find("source", 2, "absent") == 31


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "{}: is empty"),
        (b" \n\n", "{}: is empty"),
        ('a = 1\nb = "қаз"'.encode("utf-16-le"), "{}:2: is not UTF-8; save it as UTF-8"),
        (b'a = 1\nb = "\xff"\n', "{}:2: is not UTF-8; save it as UTF-8"),
        (b"a = 1\nb = \n", "{}:2: not TOML, column 5: Invalid value"),
        (b"a = 1\n[b\n", "{}:2: not TOML, column 3: Expected ']' at the end of a table declaration"),
        (b"a = 1\na = 2\n", "{}:2: not TOML, column 6: Cannot overwrite a value"),
        (b"a = " + b"[" * 5000, "{}: not TOML that can be read: nested too deep"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, content: bytes, told: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(ConfigError) as caught:
        load_toml(path)
    assert str(caught.value) == told.format(path)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        load_toml(tmp_path / "absent.toml")
    with pytest.raises(ConfigError, match="is a folder, not a file"):
        load_toml(tmp_path)


def test_a_byte_order_mark_and_dos_lines_are_read(tmp_path: Path) -> None:
    file = load_toml(written(tmp_path, "\ufeffa = 1\r\n\r\n[[source]]\r\nid = 'x'\r\n"))
    assert file.data["a"] == 1
    assert file.lines.find("source", 0, "id") == 4


def test_reads_tell_every_problem_and_go_on(tmp_path: Path) -> None:
    """Each wrong key is one problem with its line; what is right is returned."""
    file = load_toml(
        written(
            tmp_path,
            '[[source]]\nid = "one"\nname = 5\nkinds = "x"\nkind = "privat"\nlanguages = ["ru", 3]\ndelay = -1\n'
            'enabled = "yes"\nentries = [{ url = "a" }, 7]\nnotes = ["a"]\ncountry = " "\nflag = true\nspeed = 2\n',
        )
    )
    problems: list[Problem] = []
    table = Table(file=file, name="source", data=file.data["source"][0], problems=problems, label="one")
    table.unknown_keys(
        {"id", "name", "kind", "languages", "delay", "enabled", "entries", "notes", "country", "flag", "speed"}
    )
    assert table.text("id", required=True) == "one"
    assert table.text("name") is None
    assert table.text("country") is None
    assert table.choice("kind", ("state", "private")) is None
    assert table.texts("languages") is None
    assert table.texts("notes") == ("a",)
    assert table.texts("id") == ("one",)
    assert table.number_of("delay", least=0, most=60) is None
    assert table.number_of("speed", least=0) == 2.0
    assert table.number_of("flag") is None
    assert table.flag("enabled") is None
    assert table.flag("flag") is True
    assert table.tables("entries") is None
    assert table.text("homepage", required=True) is None
    inner = table.inner("entries", 0, {"url": "a"})
    inner.problem("url", "is no address")
    where = f'{file.name}:{{}}: [[source]] #1 "one": '
    assert list(map(str, problems)) == [
        where.format(4) + 'kinds: no such key; did you mean "kind"?',
        where.format(3) + "name: must be a text in quotes, not 5",
        where.format(11) + "country: is blank",
        where.format(5) + 'kind: "privat" is none of state, private; did you mean "private"?',
        where.format(6) + "languages[1]: must be a text in quotes, not 3",
        where.format(7) + "delay: must be at least 0 and at most 60, not -1",
        where.format(12) + "flag: must be a number, not true",
        where.format(8) + 'enabled: must be true or false, not "yes"',
        where.format(9) + "entries[1]: must be a table like { … }, not 7",
        where.format(1) + "homepage: is missing",
        where.format(9) + "entries[0].url: is no address",
    ]


def test_nearest_is_silent_when_nothing_is_near() -> None:
    assert nearest("entires", ["entries", "id"]) == 'did you mean "entries"?'
    assert nearest("zzz", ["entries", "id"]) is None
