"""Folders and names that a power cut does not take: a synced file is lost where its folder's list of names is not."""

from __future__ import annotations

import os
from pathlib import Path


def make_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing, each on the disk before this returns. Raises OSError."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.absolute().parent
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        sync_folder(path.absolute().parent)


def sync_folder(folder: Path) -> None:
    """Put a folder's list of names on the disk. Raises OSError."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
