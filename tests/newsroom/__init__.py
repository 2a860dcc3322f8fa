"""The newsroom: invented outlets on loopback that publish, edit and delete by a clock, and keep a ledger of it."""

from .model import Change, Entry, Episode, Outlet, Piece
from .newsroom import Newsroom
from .site import Answer

__all__ = ["Answer", "Change", "Entry", "Episode", "Newsroom", "Outlet", "Piece"]
