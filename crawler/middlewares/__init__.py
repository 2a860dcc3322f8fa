"""Downloader middlewares: politeness and defence, one concern a file."""
