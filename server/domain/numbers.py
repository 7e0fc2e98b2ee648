"""How a ticket's number is written."""


def number(prefix: str, n: int) -> str:
    """`A001`; a busy day simply gets longer numbers (`A1000`), never a second A001."""
    return f"{prefix}{n:03d}"
