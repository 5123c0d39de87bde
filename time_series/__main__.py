"""`python -m time_series`: see `time_series.command`."""

from time_series.command import main

if __name__ == "__main__":
    main()
