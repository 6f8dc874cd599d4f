"""Answers: HTTP API, pages, exports, feeds."""
