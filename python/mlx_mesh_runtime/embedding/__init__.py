"""Models that make a vector of a text instead of more text."""
