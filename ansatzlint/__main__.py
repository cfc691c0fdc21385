"""`python -m ansatzlint`."""

from ansatzlint.cli import main

main()
