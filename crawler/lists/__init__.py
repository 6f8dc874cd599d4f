"""Reading list pages: rows, groups, days, titles, and the request for the next page."""
