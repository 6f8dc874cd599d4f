"""The query language: text → tree, and a tree in words."""
