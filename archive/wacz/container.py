"""The ZIP file of a WACZ: entries streamed in, digested on the way, the same bytes for the same content."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every entry, the earliest that ZIP can say: the package's own time is in datapackage.json."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file of the package, as datapackage.json lists it."""

    path: str
    sha256: str
    size: int


class Digested:
    """A stream that counts and digests what goes through it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        """Write bytes."""
        self._stream.write(data)
        self._digest.update(data)
        self.size += len(data)

    def hexdigest(self) -> str:
        """Return the SHA-256 of all that was written."""
        return self._digest.hexdigest()


class Container:
    """Writes entries one after the other; `finish` adds the description and closes the file."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", allowZip64=True)
        self.entries: list[Entry] = []

    @contextmanager
    def entry(self, path: str, *, packed: bool) -> Iterator[Digested]:
        """Open an entry; one that is `packed` already is stored as it is, so that readers can seek in it."""
        with self._zip.open(_info(path, deflated=not packed), "w", force_zip64=True) as stream:
            digested = Digested(stream)
            yield digested
        self.entries.append(Entry(path=path, sha256=digested.hexdigest(), size=digested.size))

    def write(self, path: str, parts: Iterable[bytes], *, packed: bool = False) -> None:
        """Write a whole entry."""
        with self.entry(path, packed=packed) as stream:
            for part in parts:
                stream.write(part)

    def finish(self, description: dict[str, Any]) -> None:
        """Write datapackage.json with all entries, its digest, and the ZIP's directory."""
        resources = [
            {
                "name": entry.path.rpartition("/")[2].lower(),
                "path": entry.path,
                "hash": f"sha256:{entry.sha256}",
                "bytes": entry.size,
            }
            for entry in self.entries
        ]
        content = json.dumps({**description, "resources": resources}, ensure_ascii=False, indent=2).encode() + b"\n"
        self._zip.writestr(_info("datapackage.json"), content)
        digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}
        self._zip.writestr(_info("datapackage-digest.json"), json.dumps(digest, indent=2) + "\n")
        self._zip.close()

    def abandon(self) -> None:
        """Close the file as it is."""
        self._zip.close()


def _info(path: str, *, deflated: bool = True) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(path, EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED
    info.create_system = 3  # the same on every system
    info.external_attr = 0o644 << 16
    return info
