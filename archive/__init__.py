"""Keeps articles for good: SQLite, full-text index and WARC. Imports nothing of the crawler or the pipelines."""
