"""Every message on the wire, as frozen dataclasses. Standard library only.

Kiosk and display import this package and nothing else of the server.
`docs/wire.md` tells the same story in prose.
"""
