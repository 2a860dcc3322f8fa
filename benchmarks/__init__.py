"""Speed and memory, measured against a named baseline in the same run; never part of a test."""
