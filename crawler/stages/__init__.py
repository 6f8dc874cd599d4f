"""The stages of a night, and the worker processes that they share."""
