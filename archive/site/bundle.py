"""Fetches the files of other projects that the site carries, from the npm packages that vendor.toml pins.

Run by a developer when a version in vendor.toml changes: `python -m archive.site.bundle`. Needs npm; nothing else of
the project does.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from archive.errors import DauysError

PINS = Path(__file__).parent / "vendor.toml"
ROOT = Path(__file__).parents[2]


class BundleError(DauysError):
    """Raised when npm is missing, fails, or hands out another package than the one that is pinned."""


def pins() -> list[dict[str, Any]]:
    """Return the packages of vendor.toml."""
    packages: list[dict[str, Any]] = tomllib.loads(PINS.read_text(encoding="utf-8"))["package"]
    return packages


def unpack(package: Mapping[str, Any], tarball: Path) -> None:
    """Check a package's tarball against its pin and write the files we carry; raise BundleError if it is another."""
    found = "sha512-" + base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    if found != package["integrity"]:
        raise BundleError(f"{package['name']}@{package['version']}: its digest is {found}, not the one in {PINS.name}")
    folder = ROOT / package["folder"]
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(tarball) as packed:
        for name in package["files"]:
            member = packed.extractfile(f"package/{name}")
            if member is None:
                raise BundleError(f"{package['name']}@{package['version']} has no file {name}")
            (folder / Path(name).name).write_bytes(member.read())


def main() -> None:
    """Fetch every pinned package and write its files."""
    npm = shutil.which("npm")
    if npm is None:
        raise BundleError("npm is needed to fetch the packages; on Debian: apt install npm")
    for package in pins():
        wanted = f"{package['name']}@{package['version']}"
        with tempfile.TemporaryDirectory() as folder:
            run = subprocess.run(  # noqa: S603 - the names come from vendor.toml
                [npm, "pack", "--silent", wanted], cwd=folder, capture_output=True, text=True, check=False
            )
            tarballs = list(Path(folder).glob("*.tgz"))
            if run.returncode or len(tarballs) != 1:
                raise BundleError(f"npm could not fetch {wanted}: {run.stderr.strip()[-300:]}")
            unpack(package, tarballs[0])
        print(f"{wanted} -> {package['folder']}")


if __name__ == "__main__":
    main()
