"""Makes searchable: article → reading → document → engine."""
