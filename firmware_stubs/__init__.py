"""The other end of every cable, runnable, with faults on a switch; and the virtual hall.

Each stub is written from the device's protocol page, never from our own codecs, and starts in the state that
a real device starts in.
"""
