"""What the pages of upkeep show: nights, gaps, what waits for a decision, figures of the server."""
