"""PDF and Word files: those that a page links to, and those that are articles themselves."""
