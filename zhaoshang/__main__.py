"""`python -m zhaoshang` is the command `zhaoshang`."""

from zhaoshang.cli import main

main()
