"""The brain's third body: a pair of sites that exists in memory alone, where anything can be broken at any moment."""
