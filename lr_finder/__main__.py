"""`python -m lr_finder`: the same as the command `lr_finder`."""

from lr_finder.cli import main

if __name__ == "__main__":
    main()
