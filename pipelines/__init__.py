"""Turns a fetched page into knowledge: one stage a file, pure functions first, the Scrapy adapter last."""
