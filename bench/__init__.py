"""How fast, measured side by side on one machine in one run: `./run bench`."""
