"""Many articles saved at once."""
