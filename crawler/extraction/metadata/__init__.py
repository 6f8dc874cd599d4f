"""Title, date, 来源, author and editor of a page."""
