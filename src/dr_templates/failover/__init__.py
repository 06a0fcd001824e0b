"""The brain: what is seen of a pair, and the one next safe step. Standard library only, so it runs anywhere."""
