"""A bed for drivers: Debian's stock kernel in QEMU without KVM, with this machine's own / as a throw-away root.

`built` lays kernel and initrd below build/bed, once for each kernel package; `boot` runs one command in them. Nothing
here needs root, and nothing is installed: the packages are only unpacked.
"""

import fcntl
import hashlib
import lzma
import os
import re
import shlex
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
BED = ROOT / "build" / "bed"
KERNEL = "linux-image-"
META_PACKAGE = f"{KERNEL}amd64"
LAYER = ("udev", "libkmod2")  # laid over the machine's own /, which in a container has no udev

# What init needs before there is a root, and what the tests' devices are made of and driven by. Those that a module
# depends on stand before it; a name that this kernel has built in is passed over.
TO_BOOT = "virtio_pci 9pnet_virtio 9p overlay"
DEVICES = (
    "configfs evdev uinput hid hid-generic usbhid uhid usblp cdc-acm cp210x "
    "dummy_hcd vhci-hcd libcomposite usb_f_hid usb_f_printer usb_f_acm"
)
DEPENDENCIES = (
    "virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev netfs fscache 9pnet crc32c_generic libcrc32c "
    "usb-common usbcore usbserial udc-core u_serial usbip-core"
)
DUMMY_PORTS = 4


class BedError(Exception):
    """The bed cannot be made or did not come up; the text says why, and is for a person."""


@dataclass(frozen=True)
class Ran:
    """`status` is the command's exit status, None when it never finished; `console` all that the guest said."""

    status: int | None
    console: str


def built() -> Path:
    """The folder with `vmlinux` and `initrd.cpio`; made with Debian's newest kernel when it is not there.

    It stays until this recipe changes or build/bed is removed: a test run looks for no new kernel by itself.
    """
    recipe = hashlib.sha256(Path(__file__).read_bytes() + (HERE / "init").read_bytes()).hexdigest()[:12]
    with _alone():
        for ready in BED.glob(f"{KERNEL}*.{recipe}"):
            return ready
        _clear()
        with tempfile.TemporaryDirectory(dir=BED) as work:
            kernel, made = _build(Path(work))
            return made.rename(BED / f"{kernel}.{recipe}")


def boot(bed: Path, command: str, out: Path, timeout_s: float) -> Ran:
    """Run `command` in the guest as root in this checkout; `out` is its /mnt/bed, all else that it writes is lost."""
    (out / "rc").unlink(missing_ok=True)
    (out / "cmd").write_text(_script(command))
    with (out / "console").open("wb") as console:
        try:
            subprocess.run(
                _qemu(bed, out), stdin=subprocess.DEVNULL, stdout=console, stderr=console, timeout=timeout_s
            )
        except subprocess.TimeoutExpired:
            console.write(f"\nbed: not finished after {timeout_s:g} s\n".encode())
    return Ran(_status(out / "rc"), (out / "console").read_text("utf-8", "replace"))


# -- booting


def _script(command: str) -> str:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "VIRTUAL_ENV")}
    kept |= {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    exports = [f"export {name}={shlex.quote(value)}\n" for name, value in kept.items()]
    return "".join(exports) + f"cd {shlex.quote(str(ROOT))}\n{command}\n"


def _qemu(bed: Path, out: Path) -> list[str]:
    """Two processors in software. /dev/kvm is not even tried: in a container it may open and then hang.

    A kernel that is stuck says so and ends, rather than keep everybody waiting.
    """
    kernel = (
        "console=ttyS0 loglevel=4 panic=-1 oops=panic hung_task_panic=1 mitigations=off nokaslr tsc=reliable "
        f"dummy_hcd.num={DUMMY_PORTS}"
    )
    return [
        *("qemu-system-x86_64", "-M", "q35", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "768M"),
        *("-nodefaults", "-no-user-config", "-display", "none", "-serial", "stdio", "-no-reboot"),
        *("-kernel", str(bed / "vmlinux"), "-initrd", str(bed / "initrd.cpio"), "-append", kernel),
        *("-device", "isa-debug-exit,iobase=0xf4,iosize=1", "-device", "virtio-rng-pci"),
        *_shared("root", Path("/"), ",readonly=on"),
        *_shared("bed", out, ""),
    ]


def _shared(tag: str, path: Path, more: str) -> tuple[str, ...]:
    folder = f"local,id={tag},path={path},security_model=none,multidevs=remap{more}"
    return "-fsdev", folder, "-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}"


def _status(rc: Path) -> int | None:
    """QEMU's own exit status says nothing: 1 is as well a clean end as a QEMU that could not start."""
    try:
        return int(rc.read_text())
    except (OSError, ValueError):
        return None


# -- building


@contextmanager
def _alone() -> Iterator[None]:
    BED.mkdir(parents=True, exist_ok=True)
    with (BED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _clear() -> None:
    """Beds of other kernels and recipes, and what a killed build left."""
    for old in BED.iterdir():
        if old.is_dir():
            shutil.rmtree(old)


def _build(work: Path) -> tuple[str, Path]:
    """The kernel's package name and the finished folder, which lies in `work`."""
    apt = _Apt(work / "apt")
    kernel = apt.kernel()
    apt.download((kernel, *LAYER), work)
    made, initrd = work / "made", work / "initrd"
    made.mkdir()
    _lay_modules(_deb(work, kernel), kernel.removeprefix(KERNEL), initrd)
    _lay_layer(work, initrd / "layer")
    _lay_init(initrd)
    (made / "vmlinux").write_bytes(_unpacked((initrd / "vmlinuz").read_bytes()))
    (initrd / "vmlinuz").unlink()
    _pack(initrd, made / "initrd.cpio")
    return kernel, made


class _Apt:
    """Debian's archive as the machine's sources name it, with lists of its own: nothing here needs an administrator,
    and lists that are too old would name files that the archive has replaced."""

    def __init__(self, folder: Path) -> None:
        for name in ("lists/partial", "cache/archives/partial"):
            (folder / name).mkdir(parents=True)
        options = (f"Dir::State::lists={folder}/lists", f"Dir::Cache={folder}/cache", "Acquire::Languages=none")
        self._options = [word for option in (*options, "APT::Sandbox::User=root") for word in ("-o", option)]
        _run("apt-get", *self._options, "update")

    def kernel(self) -> str:
        """What the meta package points to: the version is in the name, and never pinned here."""
        said = _run("apt-cache", *self._options, "depends", META_PACKAGE)
        found = re.search(rf"Depends: ({KERNEL}\S+)", said)
        if not found:
            raise BedError(f"{META_PACKAGE} is not in this machine's package sources; the bed needs Debian on amd64")
        return found[1]

    def download(self, packages: tuple[str, ...], folder: Path) -> None:
        _run("apt-get", *self._options, "download", *packages, cwd=folder)


def _deb(work: Path, package: str) -> Path:
    return next(work.glob(f"{package}_*.deb"))


def _lay_modules(deb: Path, version: str, initrd: Path) -> None:
    """Kernel and modules straight out of the package, which has 400 MB when unpacked."""
    wanted = {f"{name}.ko" for name in f"{TO_BOOT} {DEVICES} {DEPENDENCIES}".split()}
    wanted |= {"modules.builtin", "modules.order"}
    with _files_of(deb) as files:
        for file in files:
            name = Path(file.name).name.removesuffix(".xz")
            if name == f"vmlinuz-{version}":
                _lay(initrd / "vmlinuz", files, file)
            elif name in wanted and f"lib/modules/{version}/" in file.name:
                below = file.name.partition("lib/modules/")[2].removesuffix(".xz")
                _lay(initrd / "lib/modules" / below, files, file)
    _run("busybox", "depmod", "-b", str(initrd), version)


@contextmanager
def _files_of(deb: Path) -> Iterator[tarfile.TarFile]:
    unpacking = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE)
    with unpacking, tarfile.open(fileobj=unpacking.stdout, mode="r|") as files:
        yield files


def _lay(place: Path, files: tarfile.TarFile, file: tarfile.TarInfo) -> None:
    opened = files.extractfile(file)
    assert opened is not None, f"{file.name} is no file"
    data = opened.read()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(lzma.decompress(data) if file.name.endswith(".xz") else data)


def _lay_layer(work: Path, layer: Path) -> None:
    """What a package has in /lib or /bin goes below /usr: a folder there would hide the machine's link."""
    for package in LAYER:
        _run("dpkg-deb", "-x", str(_deb(work, package)), str(layer))
    for name in ("lib", "bin", "sbin"):
        if (layer / name).is_dir():
            shutil.copytree(layer / name, layer / "usr" / name, symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(layer / name)
    for unused in ("usr/lib/udev/hwdb.d", "usr/share"):
        shutil.rmtree(layer / unused, ignore_errors=True)


def _lay_init(initrd: Path) -> None:
    for folder in ("bin", "proc", "sys", "dev", "host", "top", "new"):
        (initrd / folder).mkdir()
    shutil.copy(shutil.which("busybox") or "/bin/busybox", initrd / "bin/busybox")
    shutil.copy(HERE / "init", initrd / "init")
    (initrd / "init").chmod(0o755)
    (initrd / "modules.boot").write_text(TO_BOOT)
    (initrd / "modules.devices").write_text(DEVICES)


def _unpacked(kernel: bytes) -> bytes:
    """The ELF inside a bzImage, which saves the guest 4 s of unpacking; the bzImage when it is packed otherwise."""
    for magic in re.finditer(re.escape(b"\xfd7zXZ\0"), kernel):
        with suppress(lzma.LZMAError):
            unpacked = lzma.LZMADecompressor().decompress(kernel[magic.start() :])
            if unpacked.startswith(b"\x7fELF"):
                return unpacked
    return kernel


def _pack(initrd: Path, file: Path) -> None:
    names = "".join(f"{path.relative_to(initrd)}\n" for path in sorted(initrd.rglob("*")))
    _run("cpio", "-o", "-H", "newc", "--quiet", "-R", "0:0", "-F", str(file), cwd=initrd, given=names)


def _run(*command: str, cwd: Path | None = None, given: str = "") -> str:
    done = subprocess.run(command, cwd=cwd, input=given, capture_output=True, text=True)
    if done.returncode:
        raise BedError(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout
