"""A web that misbehaves in every way that was met or thought of, and the crawls that have to live with it.

`cases` lists the ways, `crawling` runs a real crawl over some of them beside twenty good pages and measures it.
"""
