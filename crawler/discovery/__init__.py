"""Finds addresses of articles in feeds, sitemaps and section pages: pure functions from bytes to links."""
