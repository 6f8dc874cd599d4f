"""Threads of forums: the opening post as an article."""
