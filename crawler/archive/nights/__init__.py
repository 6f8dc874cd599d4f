"""Nights as they are told: what became of each, and what the one that runs is at."""
