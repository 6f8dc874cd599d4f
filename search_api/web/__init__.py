"""What pages, API and exports share of HTTP."""
