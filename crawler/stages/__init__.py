"""The steps of a night, and the worker processes that they share their work among."""
