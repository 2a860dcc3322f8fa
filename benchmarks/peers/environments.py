"""Makes an environment for each peer under .venv/peers, from its published package, once."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDER = Path(os.environ.get("DAUYS_PEERS") or HERE.parents[1] / ".venv" / "peers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A peer: the packages to install, the script beside this file that runs it, and what it is, for the table.

    `remembers` says that its script takes a folder for what it keeps between visits, and `keeps` what that is.
    """

    name: str
    packages: tuple[str, ...]
    script: str
    label: str
    remembers: bool
    keeps: str


PEERS = (
    Peer(
        name="scrapy",
        packages=("scrapy==2.19.0", "trafilatura==2.3.1", "lxml_html_clean"),
        script="plain_scrapy.py",
        label="Scrapy 2.19.0, trafilatura 2.3.1 in the callback",
        remembers=False,
        keeps="lines of JSON (`-o`): every visit adds all pages again, changed or not; nothing of errors",
    ),
    Peer(
        name="newspaper",
        packages=("newspaper4k==0.9.6", "lxml_html_clean", "feedparser"),
        script="newspaper_run.py",
        label="newspaper4k 0.9.6, 8 threads",
        remembers=True,
        keeps="the addresses it has seen (`memorize_articles`), and never asks for them again; no store",
    ),
    Peer(
        name="newsplease",
        packages=("news-please==1.6.16", "feedparser"),
        script="newsplease_run.py",
        label="news-please 1.6.16, `from_urls`",
        remembers=True,
        keeps="a file for each download, at every visit; its storages in MySQL, PostgreSQL and "
        "Elasticsearch number them as versions, changed or not, and need a server",
    ),
    Peer(
        name="fundus",
        packages=("fundus==0.5.7", "curl_cffi<0.16"),
        script="fundus_run.py",
        label="fundus 0.5.7, a publisher written for the press",
        remembers=True,
        keeps="one file (`save_to_file`), written anew at every visit",
    ),
)


def python_of(peer: Peer) -> Path | None:
    """Return the interpreter of a peer's environment, made if need be; None where it cannot be had."""
    place = FOLDER / peer.name
    python = place / "bin" / "python"
    mark = place / ".installed"
    wanted = "\n".join(peer.packages)
    if mark.exists() and mark.read_text(encoding="utf-8") == wanted:
        return python
    try:
        for command in _installing(place, python, peer.packages):
            subprocess.run(command, check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        print(f"{peer.name} cannot be installed: {str(error.stderr)[-500:]}", file=sys.stderr)
        return None
    mark.write_text(wanted, encoding="utf-8")
    return python


def _installing(place: Path, python: Path, packages: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Return the commands that make an environment and install into it: uv, which is quicker, where it is."""
    uv = Path(sys.executable).with_name("uv")
    if uv.exists():
        return (
            [str(uv), "venv", "--quiet", "--clear", "--python", sys.executable, str(place)],
            # as pip does: a certificate that the system trusts and the program's own list does not is good
            [str(uv), "pip", "install", "--quiet", "--system-certs", "--python", str(python), *packages],
        )
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
    return [sys.executable, "-m", "venv", "--clear", str(place)], pip
