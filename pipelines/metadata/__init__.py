"""Reads what a page says about itself, outside its text: JSON-LD, meta tags, headline, authors."""
