"""Reads a TOML file that a person wrote and says everything that is wrong with it, each in one line with its place."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.errors import DauysError
from archive.toml_lines import Lines, read_lines

MAX_FILE_BYTES = 5_000_000
"""A configuration of a thousand outlets is some 500 kB; more is a wrong file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong in one place of a configuration file; `str()` is the line for the user."""

    file: str
    cause: str
    line: int | None = None
    table: str | None = None
    """As people name it: `[[source]] #3 "zakon"`."""
    key: str | None = None
    hint: str | None = None
    """What to write instead: `did you mean "kind"?`."""

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        where = [part for part in (self.table, self.key) if part]
        told = ": ".join([place, *where, self.cause])
        return f"{told}; {self.hint}" if self.hint else told


class ConfigError(DauysError):
    """Raised when a configuration file is missing, unreadable or wrong; `problems` holds every one found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return a hint that names the known word nearest to a mistyped one, or None when none is near."""
    near = difflib.get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f'did you mean "{near[0]}"?' if near else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TomlFile:
    """A TOML file as read: its name for messages, its data and the lines where things stand."""

    name: str
    data: Mapping[str, Any]
    lines: Lines


def load_toml(path: Path) -> TomlFile:
    """Read a TOML file.

    Raises ConfigError with one problem when the file is missing, no file, unreadable, too large, not UTF-8, empty or
    not TOML.
    """
    name = str(path)

    def refuse(cause: str, line: int | None = None, hint: str | None = None) -> ConfigError:
        return ConfigError([Problem(file=name, line=line, cause=cause, hint=hint)])

    try:
        if not path.is_file():
            raise refuse("is a folder, not a file" if path.is_dir() else "there is no such file")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise refuse(f"is larger than {MAX_FILE_BYTES // 1_000_000} MB: not a configuration")
        raw = path.read_bytes()
    except OSError as error:
        raise refuse(f"cannot be read: {error.strerror or error}") from error
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise refuse("is not UTF-8", line, "save it as UTF-8") from error
    if not text.strip():
        raise refuse("is empty")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        told = str(error)
        found = re.search(r" \(at line (\d+), column (\d+)\)$", told)
        line = int(found[1]) if found else text.count("\n") + 1
        cause = told[: found.start()] if found else told.removesuffix(" (at end of document)")
        column = f", column {found[2]}" if found else ""
        raise refuse(f"not TOML{column}: {cause}", line) from error
    except RecursionError as error:
        raise refuse("not TOML that can be read: nested too deep") from error
    return TomlFile(name=name, data=data, lines=read_lines(text))


@dataclass(slots=True, kw_only=True)
class Table:
    """One table of a TOML file under inspection: typed reads that note what is wrong instead of raising.

    A read returns None when the key is absent or wrong; the caller goes on, so that one run tells every problem.
    `name` and `number` (from 0) say which table it is, `many` whether it is one of `[[name]]`; `path` is the way to an
    inner table (`entries[2]`).
    """

    file: TomlFile
    name: str
    data: Mapping[str, Any]
    problems: list[Problem]
    number: int = 0
    many: bool = True
    label: str | None = None
    """What people call it, usually its id."""
    path: str = ""

    def problem(self, key: str | None, cause: str, hint: str | None = None, *, item: int | None = None) -> None:
        """Note a problem of a key, of one item of its list, or (key None) of the table."""
        outer, _, rest = self.path.partition("[")
        if outer:
            line = self.file.lines.find(self.name, self.number, outer, int(rest.rstrip("]") or 0))
        else:
            line = self.file.lines.find(self.name, self.number, key, item)
            if line is None and key and not self.name:
                line = self.file.lines.find(key, 0)  # a table is a key of the file itself
        shown = key if key is None or item is None else f"{key}[{item}]"
        full = ".".join(part for part in (self.path, shown) if part) or None
        self.problems.append(
            Problem(file=self.file.name, line=line, table=self._called(), key=full, cause=cause, hint=hint)
        )

    def inner(self, key: str, item: int, data: Mapping[str, Any]) -> Table:
        """Return the table that is the `item`-th of the list `key`, for the same kind of inspection."""
        return Table(
            file=self.file,
            name=self.name,
            data=data,
            problems=self.problems,
            number=self.number,
            many=self.many,
            label=self.label,
            path=f"{key}[{item}]",
        )

    def unknown_keys(self, known: Collection[str]) -> None:
        """Note every key that is none of the known ones, with the nearest of them."""
        for key in self.data:
            if key not in known:
                self.problem(key, "no such key", nearest(key, known) or f"known are {', '.join(sorted(known))}")

    def text(self, key: str, *, required: bool = False) -> str | None:
        """Return a text that is not blank."""
        value = self._value(key, str, "a text in quotes", required)
        if isinstance(value, str) and not value.strip():
            self.problem(key, "is blank")
            return None
        return value if isinstance(value, str) else None

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...] | None:
        """Return a list of texts; a single text counts as a list of one."""
        if isinstance(self.data.get(key), str):
            single = self.text(key)
            return (single,) if single is not None else None
        value = self._value(key, list, "a list of texts", required)
        if not isinstance(value, list):
            return None
        if required and not value:
            self.problem(key, "is an empty list")
            return None
        good = []
        for place, one in enumerate(value):
            if isinstance(one, str) and one.strip():
                good.append(one)
            else:
                self.problem(key, f"must be a text in quotes, not {_shown(one)}", item=place)
        return tuple(good) if len(good) == len(value) else None

    def number_of(
        self, key: str, *, least: float | None = None, most: float | None = None, required: bool = False
    ) -> float | None:
        """Return a number between `least` and `most`."""
        value = self._value(key, (int, float), "a number", required)
        if not isinstance(value, int | float):
            return None
        if not (least is None or value >= least) or not (most is None or value <= most):
            limits = [f"{word} {n:g}" for word, n in (("at least", least), ("at most", most)) if n is not None]
            self.problem(key, f"must be {' and '.join(limits)}, not {value}")
            return None
        return float(value)

    def flag(self, key: str) -> bool | None:
        """Return true or false."""
        value = self._value(key, bool, "true or false", required=False)
        return value if isinstance(value, bool) else None

    def choice(self, key: str, choices: Collection[str], *, required: bool = False) -> str | None:
        """Return a text that is one of `choices`."""
        value = self.text(key, required=required)
        if value is not None and value not in choices:
            self.problem(key, f'"{value}" is none of {", ".join(choices)}', nearest(value, choices))
            return None
        return value

    def tables(self, key: str, *, required: bool = False) -> list[Table] | None:
        """Return the tables of a list of tables."""
        value = self._value(key, list, "a list of tables like { kind = … }", required)
        if not isinstance(value, list):
            return None
        if required and not value:
            self.problem(key, "is an empty list")
            return None
        good = [self.inner(key, place, one) for place, one in enumerate(value) if isinstance(one, dict)]
        for place, one in enumerate(value):
            if not isinstance(one, dict):
                self.problem(key, f"must be a table like {{ … }}, not {_shown(one)}", item=place)
        return good if len(good) == len(value) else None

    def _value(self, key: str, kind: type | tuple[type, ...], wanted: str, required: bool) -> object:
        if key not in self.data:
            if required:
                self.problem(key, "is missing")
            return None
        value: object = self.data[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.problem(key, f"must be {wanted}, not {_shown(value)}")
            return None
        return value

    def _called(self) -> str | None:
        if not self.name:
            return None
        called = f"[[{self.name}]] #{self.number + 1}" if self.many else f"[{self.name}]"
        return f'{called} "{self.label}"' if self.label else called


def _shown(value: object) -> str:
    """Return a value as a person would see it in the file, short."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a table"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
