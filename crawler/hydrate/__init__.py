"""Fetches the articles of a shared list again, from their own sites, and holds the texts against the list's digests."""
