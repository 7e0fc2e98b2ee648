"""The other end of every cable, runnable, with faults on a switch; and the virtual hall."""
