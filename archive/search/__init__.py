"""How words are read: folding, scripts and word forms, shared by topics now and by full-text search later."""
