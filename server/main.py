"""`jiaohao-server`. gevent must patch the standard library before anything else is imported."""

from gevent import monkey

monkey.patch_all()

from server.cli import cli  # noqa: E402 - after the patching, on purpose


def main() -> None:
    cli()
