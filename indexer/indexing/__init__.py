"""Articles and readings changed since an index's own cursor, into that index."""
