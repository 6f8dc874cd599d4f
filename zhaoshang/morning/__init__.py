"""What somebody is told in the morning: what changed over night, by which ways, and what did not happen."""
