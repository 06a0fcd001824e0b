"""What a test orders of a running emulator beside AWS's own APIs: faults, pace, the calls that were made."""
