"""Where each table and key of a TOML file stands, which the standard parser does not tell."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_NAME = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_KEY = re.compile(rf"[ \t]*({_NAME}(?:[ \t]*\.[ \t]*{_NAME})*)[ \t]*=")
_HEADER = re.compile(r"[ \t]*\[{1,2}([^\[\]\n]+)\]{1,2}")
_TOKEN = re.compile(r"\"\"\"|'''|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|#[^\n]*|[\[\]{}]|\n")
_CLOSING = {
    '"""': re.compile(r'(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}', re.S),
    "'''": re.compile(r"(?:[^']|'{1,2}(?!'))*'{3,5}"),
}


@dataclass(slots=True)
class Lines:
    """Line numbers, from 1: of tables by (name, how manieth), of keys and of the items of arrays of tables.

    Top-level keys belong to the table ("", 0). `[source.limits]` and `[[source.entries]]` count as keys of the
    `[[source]]` above them, each `[[source.entries]]` and each `{` of an inline array as one item.
    """

    tables: dict[tuple[str, int], int] = field(default_factory=dict)
    keys: dict[tuple[str, int, str], int] = field(default_factory=dict)
    items: dict[tuple[str, int, str], list[int]] = field(default_factory=dict)

    def find(self, table: str, number: int, key: str | None = None, item: int | None = None) -> int | None:
        """Return the line of an item, else of its key, else of its table, else None. `number` counts from 0."""
        if key is not None:
            items = self.items.get((table, number, key), [])
            if item is not None and item < len(items):
                return items[item]
            if (table, number, key) in self.keys:
                return self.keys[table, number, key]
        return self.tables.get((table, number))


def read_lines(text: str) -> Lines:
    """Find the lines of a text that `tomllib` has accepted; a text that it refuses gives nonsense, no error."""
    lines, counts = Lines(), {"": 0}
    table, number, key, nested = "", 0, "", False
    place, line, depth, at_start = 0, 1, 0, True
    while place < len(text):
        if at_start and depth == 0:
            at_start = False
            if header := _HEADER.match(text, place):
                name, _, rest = header[1].strip().strip("\"'").partition(".")
                nested = bool(rest) and (name, counts.get(name, 0) - 1) in lines.tables
                if nested:
                    table, number, key = name, counts[name] - 1, rest.partition(".")[0]
                    lines.keys.setdefault((table, number, key), line)
                    lines.items.setdefault((table, number, key), []).append(line)
                else:
                    table, number, key = name, counts.get(name, 0), ""
                    counts[name] = number + 1
                    lines.tables[table, number] = line
                place = header.end()
            elif found := _KEY.match(text, place):
                if not nested:
                    key = found[1].partition(".")[0].strip().strip("\"'")
                    lines.keys.setdefault((table, number, key), line)
                place = found.end()
        token = _TOKEN.search(text, place)
        if token is None:
            break
        place = token.end()
        mark = token[0]
        at_start = mark == "\n"
        if at_start:
            line += 1
        elif mark in _CLOSING:
            closing = _CLOSING[mark].match(text, place)
            if closing is None:
                break
            line += closing[0].count("\n")
            place = closing.end()
        elif mark in "[{":
            if mark == "{" and depth == 1 and not nested:
                lines.items.setdefault((table, number, key), []).append(line)
            depth += 1
        elif mark in "]}":
            depth = max(0, depth - 1)
    return lines
