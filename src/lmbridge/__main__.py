"""`python -m lmbridge` is the `lmbridge` command."""

from lmbridge.cli.main import main

main()
