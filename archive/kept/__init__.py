"""What is counted by day, outlet and language, kept in the article's transaction so that nobody has to count."""
