"""Plans and events in few words, for the tests of the deployer."""
