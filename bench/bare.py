"""A bare Flask endpoint under the product's own server: what HTTP alone costs here. `python -m bench.bare`."""

from gevent import monkey

monkey.patch_all()

import json  # noqa: E402 - after the patching

from flask import Flask, jsonify, request  # noqa: E402

from server.serve import serve  # noqa: E402


class _Nothing:
    def close(self) -> None:
        pass


def main() -> None:
    app = Flask("bare")
    app.extensions["jiaohao"] = _Nothing()
    app.add_url_rule("/", view_func=lambda: jsonify(request.get_json()), methods=["POST"])
    serve(app, "127.0.0.1", 0, lambda port: print(json.dumps({"port": port}), flush=True))


if __name__ == "__main__":
    main()
