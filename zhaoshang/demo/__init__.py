"""The sample web: six small sites on loopback, composed for trying the whole way out. Everything on them is invented."""
