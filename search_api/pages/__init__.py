"""The web pages, server-rendered; every one works without scripts."""
