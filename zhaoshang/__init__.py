"""招商文库: the command line that puts the stages together."""
