"""What lints and would fail at deploy: checks of an environment against the account that is to hold it."""
