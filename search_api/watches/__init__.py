"""Saved searches at work: when one is due, what is new in it, how that is written, and out it goes."""
