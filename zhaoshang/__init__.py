"""招商文库: the command line that puts the stages together."""

__version__ = "0.1.0"
