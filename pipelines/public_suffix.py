"""Tells which part of a host name its publisher registered, by the Public Suffix List (https://publicsuffix.org/list/).

The list is the copy that comes with tldextract, private suffixes (`blogspot.com`) included: the same everywhere, no
network, nothing written. It is read here because the library's own index of it takes 33 MB and a quarter of a second
in each process, and the library loads an HTTP client.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

SNAPSHOT = ".tld_set_snapshot"


@lru_cache(maxsize=1)
def rules() -> frozenset[str]:
    """Return the rules of the list: suffixes, `*.` for any label, `!` for exceptions."""
    library = find_spec("tldextract")
    if library is None or not library.submodule_search_locations:
        raise ModuleNotFoundError("tldextract, whose copy of the Public Suffix List is used")
    text = (Path(library.submodule_search_locations[0]) / SNAPSHOT).read_text(encoding="utf-8")
    return frozenset(rule for line in text.splitlines() if (rule := line.strip()) and not rule.startswith("//"))


@lru_cache(maxsize=4096)  # hosts; what is crawled names a few hundred, a hostile page may name millions
def registered_name(host: str) -> str:
    """Return the registered part of a host name in small letters, the name itself where it is a public suffix.

    A top level that the list does not know counts as one suffix (the list's default rule, `*`).
    """
    labels = host.split(".")
    kept = len(labels) - _suffix_labels([_decoded(label) for label in labels]) - 1
    return ".".join(labels[kept:]) if kept > 0 else host


def _suffix_labels(labels: list[str]) -> int:
    """Return how many labels at the end are the public suffix."""
    known = rules()
    for at in range(len(labels)):
        rest = ".".join(labels[at + 1 :])
        name = f"{labels[at]}.{rest}" if rest else labels[at]
        if f"!{name}" in known:
            return len(labels) - at - 1
        if name in known or (rest and f"*.{rest}" in known):
            return len(labels) - at
    return 1


def _decoded(label: str) -> str:
    """Return a label as the list writes it: in its own letters."""
    if not label.startswith("xn--"):
        return label
    try:
        return label.encode("ascii").decode("idna")
    except UnicodeError:
        return label
