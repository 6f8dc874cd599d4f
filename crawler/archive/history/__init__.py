"""Backfills: the part of a source's past that the operator asked for, with state of its own."""
