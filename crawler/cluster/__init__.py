"""Stages of a run that several machines share: the queue through which PostgreSQL hands out the work, and who waits for it (docs/decisions/0465)."""
