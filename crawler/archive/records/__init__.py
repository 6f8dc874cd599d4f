"""The WARC files that hold the captures: records written so that they can be read back, and read."""
