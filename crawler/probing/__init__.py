"""What a URL offers as a source: probe, check, discover, and the source file that is made from it."""
