"""What was found on this machine, kept if a person asks for it: never their data."""
