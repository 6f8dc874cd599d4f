"""Documents that a text cites: laws, policies and notices, by title and by number."""
