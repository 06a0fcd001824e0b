"""What runs inside Lambda: standard library and pg8000 only, so that an archive stays small and starts fast."""
