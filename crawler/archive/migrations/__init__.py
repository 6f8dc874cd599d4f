"""The migrations of the archive's schema, oldest first in versions/, and what applies them."""
