"""Industries, firms, investors' origin, events and genre, each from its own file with its rules as TOML beside it."""
