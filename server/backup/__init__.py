"""Backups: one file that holds one moment of a hall, the way back from it, and the drill that proves it."""
