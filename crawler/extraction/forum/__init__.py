"""Threads of Discuz! forums."""
