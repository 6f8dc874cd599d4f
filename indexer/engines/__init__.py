"""The search engines: a folder for each, and the contract that all of them keep."""
