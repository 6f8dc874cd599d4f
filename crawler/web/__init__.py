"""What comes from the web, before anyone asks what it means."""
