"""The formats in which hits are taken away: every file here is one, and says so in its FORMAT."""
