"""The verbs of the crawler."""
