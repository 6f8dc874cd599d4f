"""Notices to people that are to be sent, or were."""
