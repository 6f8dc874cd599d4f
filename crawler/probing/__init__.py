"""What an address is: probe, check, discover, and the source that comes of it."""
