"""Packs captures as WACZ 1.1.1, the format that web archives are replayed from (https://specs.webrecorder.net/wacz/)."""

from archive.wacz.package import Packed, WaczError, pack

__all__ = ["Packed", "WaczError", "pack"]
