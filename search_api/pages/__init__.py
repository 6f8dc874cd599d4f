"""The pages, server-rendered; every one works without scripts."""
