"""Who may use the archive over the network, and what they changed."""
