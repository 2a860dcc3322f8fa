"""Invented pages with the articles that must come out of them."""
