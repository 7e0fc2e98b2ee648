"""Pure rules of a hall: standard library only, no clock, no database."""
