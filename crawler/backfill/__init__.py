"""Fills in what an outlet published before it was watched: from its lists, or from captures of a web archive."""
