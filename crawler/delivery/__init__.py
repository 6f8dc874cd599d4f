"""What readers asked to be told, out to their mail server or web address: one message, one recipient, one answer."""
