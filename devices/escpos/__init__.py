"""ESC/POS ticket printers: what a ticket is in bytes, what the printer answers, and the driver between."""
