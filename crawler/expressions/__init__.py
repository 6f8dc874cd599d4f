"""What can be told of a regular expression from how it is written."""
