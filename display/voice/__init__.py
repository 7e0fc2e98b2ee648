"""What the walls say aloud, made on this machine before anybody is called."""
