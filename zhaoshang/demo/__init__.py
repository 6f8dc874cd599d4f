"""The sample web: six small sites on loopback, composed for trying the whole flow. Everything on them is invented."""
