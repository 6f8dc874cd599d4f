"""The pages of who keeps the archive going: its sources and their nights, what it lacks, what waits for a decision."""
