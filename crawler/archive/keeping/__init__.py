"""Keeping an archive: checked, backed up, copied, and rid of what must go."""
