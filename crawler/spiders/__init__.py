"""The escape hatch: spiders of awkward sites, each a subclass of NewsSpider with one hook."""
