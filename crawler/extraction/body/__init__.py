"""Where the body of a page is, and its blocks."""
