"""What answers over HTTP have in common."""
