"""What an AWS account offers, holds and allows: read, never changed, and given as plain data to the preflight."""
