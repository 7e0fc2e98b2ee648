"""The centre: numbers, calls, ratings and accounts of a public service hall."""
