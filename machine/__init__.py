"""What kiosk and display have in common: their talk with the server about what hangs at them."""
