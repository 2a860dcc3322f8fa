"""Scrapy commands of this project: check-sources, probe, try-url."""
