"""Hits taken away: formats, the records that they write, and the addresses where they are asked for."""
