"""What comes from the web before anyone asks what it means: how sites are asked, and what they allow."""
