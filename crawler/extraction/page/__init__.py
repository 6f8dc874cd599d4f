"""A page as a tree, as lines and as a frame of nodes."""
