"""A query to its hits: plan, ranking, snippets, suggestions."""
