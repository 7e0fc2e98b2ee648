"""LED bars over the windows."""
