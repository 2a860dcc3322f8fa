"""Reads the published vectors of other projects, and tells why one is not followed."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

from pipelines.canonical import BadURL, canonical_url, registered_domain, url_key

Question = Literal["address", "key", "domain", "valid"]
"""What a vector asks: the canonical address, the identity, the registered domain, whether it is a web address."""

Reason = Callable[["Vector", object], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """One published expectation; `expected` None means that the other project refuses the address."""

    origin: str
    question: Question
    given: str
    expected: str | bool | None

    def answer(self) -> str | bool | None:
        """Return what this project says."""
        try:
            canonical = canonical_url(self.given)
        except BadURL:
            return False if self.question == "valid" else None
        if self.question == "valid":
            return True
        if self.question == "domain":
            return registered_domain(self.given)
        return url_key(self.given) if self.question == "key" else canonical


def outcome(vector: Vector) -> str:
    """Return 'followed', 'same article' or the reason why the vector is not followed; see REASONS."""
    got = vector.answer()
    if got == vector.expected:
        return "followed"
    if isinstance(vector.expected, str) and isinstance(got, str) and vector.question == "address":
        try:
            if url_key(vector.expected) == url_key(got):
                return "same article"
        except BadURL:
            pass  # what they expect is no address to us; the reason is found below
    return next((name for name, holds in REASONS.items() if holds(vector, got)), "unexplained")


def _given(pattern: str) -> Reason:
    return lambda vector, got: re.search(pattern, vector.given, re.I) is not None


def _refused(pattern: str) -> Reason:
    return lambda vector, got: got in (None, False) and re.search(pattern, vector.given, re.I | re.S) is not None


def _both(vector: Vector, got: object) -> tuple[str, str]:
    return (vector.expected, got) if isinstance(vector.expected, str) and isinstance(got, str) else ("", "x")


def _equal_but(change: Callable[[str], object]) -> Reason:
    def holds(vector: Vector, got: object) -> bool:
        expected, ours = _both(vector, got)
        return change(expected) == change(ours)

    return holds


def _parameters(url: str) -> frozenset[str]:
    return frozenset(url.partition("#")[0].partition("?")[2].split("&")) - {""}


def _other_parameters(vector: Vector, got: object) -> bool:
    """Tell whether one answer has dropped parameters that the other keeps, and nothing else differs."""
    theirs, ours = map(_parameters, _both(vector, got))
    return theirs != ours and (theirs < ours or ours < theirs)


def _folded(url: str) -> str:
    """Return what is left when escapes, case, slashes, numbers of www and the order of parameters do not count."""
    for _ in range(9):
        url = unquote(url)
    path, _, query = re.sub(r"^https?://([^/@]*@)?", "", url.partition("#")[0].lower()).partition("?")
    path = re.sub(r"^www\d*\.", "", re.sub(r"/+", "/", path)).strip("/")
    parameters = sorted(piece.rstrip("=") for piece in query.replace("+", " ").split("&") if piece)
    return f"{path}?{'&'.join(parameters)}"


REASONS: dict[str, Reason] = {
    "no web address": _refused(r"^(?!\s*https?:)[a-z0-9.+-]*:(?!\d+(?:/|$))"),
    "no scheme": _refused(r"^(?!\s*https?:)"),
    "no host": _refused(r"^\s*https?:[/\\]*(?:[?#]|$)|^https?:[/\\]*(?:%2e|\.)+(?:/|$)"),
    "two addresses glued together are refused": _refused(r"https?:.*https?:"),
    "a host or port that no name server or socket knows": _refused(r"^\s*https?:"),
    "markup around an address is not cut away": _given(r"""[<>"{]|/&$"""),
    "they refuse or filter it for reasons that are not in the address": (
        lambda vector, got: vector.expected in (None, False)
    ),
    "a port that is not the scheme's own is kept": _equal_but(lambda url: re.sub(r":\d+(?=/)", "", url)),
    "another list of tracking parameters": _other_parameters,
    "session numbers in the path of one old server": _given(r"/\([a-z0-9(]+\)"),
    "another public suffix list": lambda vector, got: vector.question == "domain",
    "escapes, case, www2 or empty values fold further": _equal_but(_folded),
    "index.html and index.php are the folder": _equal_but(
        lambda url: _folded(re.sub(r"/index\.(?:html?|php)", "", url))
    ),
    "two addresses in one": lambda vector, got: vector.given.count("http") > 1,
    "bytes that are no UTF-8": lambda vector, got: not vector.given.isascii() and "%91" in str(vector.expected),
}
"""Why a vector is not followed: the first that holds is named."""


def load(root: Path) -> Iterator[Vector]:
    """Yield the vectors that ask a question which this project answers."""
    for origin in ("w3lib_test_url", "courlan_unit", "mcmetadata_urls", "surt"):
        for line in (root / f"{origin}.jsonl").read_text(encoding="utf-8").splitlines():
            yield from _from_tests(origin, json.loads(line))
    whatwg = root / "urlcanon"
    for name in ("semantic_precise", "supplemental_whatwg"):
        for given, expected in json.loads((whatwg / f"{name}.json").read_text(encoding="utf-8")).items():
            text = _from_latin_1(given)
            yield Vector(origin=f"urlcanon {name}", question="address", given=text, expected=expected)
    for given, expected in json.loads((whatwg / "aggressive.json").read_text(encoding="utf-8")).items():
        yield Vector(origin="urlcanon aggressive", question="key", given=given, expected=_schemeless(expected))
    for given, expected in json.loads((whatwg / "path_dots.json").read_text(encoding="utf-8"))["special"].items():
        yield Vector(
            origin="urlcanon path_dots",
            question="address",
            given=f"http://example.com{given}",
            expected=f"http://example.com{expected}",
        )
    for given, expected in json.loads((whatwg / "funky_ipv4.json").read_text(encoding="utf-8")).items():
        if expected or re.search(r"(?:^|\.)(?:\d+|0x[0-9a-f]*)$", given):  # the others are names, not numbers
            target = f"http://{expected}/" if expected else None
            yield Vector(origin="urlcanon funky_ipv4", question="address", given=f"http://{given}/", expected=target)
    crawler = root / "crawler-commons"
    for row in _rows(crawler / "weirdToNormalizedUrls.csv"):
        yield Vector(origin="crawler-commons", question="address", given=row[0], expected=row[1] or None)
    for row in _rows(crawler / "invalidUrls.csv"):
        yield Vector(origin="crawler-commons", question="address", given=row[0], expected=None)
    for case in json.loads((root / "wpt" / "urltestdata.json").read_text(encoding="utf-8")):
        if isinstance(case, dict) and re.match(r"\s*https?:", case["input"], re.I) and _complete(case):
            yield Vector(origin="wpt", question="address", given=case["input"], expected=case.get("href"))


def _complete(case: dict[str, Any]) -> bool:
    """Tell whether a case of the browsers' table needs no base address."""
    return not case.get("base") or re.match(r"\s*https?:[/\\]{2}", case["input"], re.I) is not None


def _from_tests(origin: str, row: dict[str, Any]) -> Iterator[Vector]:
    function, expected = row.get("func") or row["test"], row.get("expected")
    args = row.get("args") or row.get("parametrized")
    if inner := re.search(r"handyurl\.parse\(u?'(.*)'\)\)?\.get(?:url|URLString)$", function):
        given = inner[1].encode().decode("unicode_escape").encode("latin-1", "replace").decode("utf-8", "replace")
        yield Vector(origin=origin, question="address", given=given, expected=expected)
        return
    if not (isinstance(args, list) and args and isinstance(args[0], str)) or (row.get("kwargs") or {}).get("encoding"):
        return
    given, plain = args[0], len(args) == 1 and not row.get("kwargs")
    if (function in {"canonicalize_url", "normalize_url", "scrub_url"} and plain) or (
        function in {"safe_url_string", "safe_download_url", "clean_url"} and plain and "://" in given
    ):
        yield Vector(origin=origin, question="address", given=given, expected=expected)
    elif function == "urls.normalize_url":
        yield Vector(origin=origin, question="key", given=given, expected=_schemeless(expected))
    elif function in {"is_url", "is_valid_url"}:
        yield Vector(origin=origin, question="valid", given=given, expected=expected)
    elif function == "check_url" and plain:
        yield Vector(origin=origin, question="address", given=given, expected=expected[0] if expected else None)
    elif function == "extract_domain" and "://" in given:
        yield Vector(origin=origin, question="domain", given=given, expected=expected)
    elif function == "test_canonical_domain":
        yield Vector(origin=origin, question="domain", given=given, expected=args[1])
    elif function == "surt.surt" and plain and given.startswith("http"):
        host, _, rest = expected.partition(")")
        key = ".".join(reversed(host.split(","))) + rest
        yield Vector(origin=origin, question="key", given=given, expected=key.rstrip("/"))


def _from_latin_1(text: str) -> str:
    """Return the text that was meant where bytes were written down as Latin-1 letters."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _schemeless(url: str) -> str:
    return re.sub(r"^\w+://", "", url).rstrip("/")


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if line.strip() and not line.startswith("#"))
        for row in csv.reader(lines, skipinitialspace=True):
            yield row[0], row[1].strip() if len(row) > 1 else ""
