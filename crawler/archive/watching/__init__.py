"""Saved searches, what was new in them, and to whom it was sent."""
