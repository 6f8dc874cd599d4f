"""The HTTP API, all of it under /api/v1."""
