"""Command line of the package; filled by its own work."""


def main() -> None:
    raise SystemExit(2)
