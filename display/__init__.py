"""A client: the wall page for any number of browsers, and the LED bars."""
