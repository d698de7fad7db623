"""Puts what scripts/wheel.sh has built into the wheel, and names the oldest glibc that it runs on."""

import platform
import re
import subprocess
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Libraries that every Linux with a Python has; manylinux allows them (PEP 600).
ALLOWED = {
    "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "libc.so.6", "libdl.so.2", "libgcc_s.so.1", "libm.so.6",
    "libpthread.so.0", "librt.so.1", "libstdc++.so.6", "libutil.so.1",
}  # fmt: skip


def needed(binary: Path) -> tuple[int, int]:
    """The newest glibc that the binary asks for; refuses one that needs a library users may not have."""

    def objdump(option: str) -> str:
        command = ["objdump", option, str(binary)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    strange = set(re.findall(r"NEEDED\s+(\S+)", objdump("-p"))) - ALLOWED
    if strange:
        raise SystemExit(f"wheel: {binary} needs {', '.join(sorted(strange))}")
    found = re.findall(r"GLIBC_(\d+)\.(\d+)", objdump("-T"))
    return max((int(major), int(minor)) for major, minor in found)


class StagedFiles(BuildHookInterface):
    def initialize(self, version, build_data):
        stage = Path(self.root).parent / ".build" / "wheel"
        command, library = stage / "maskct", stage / "libMaskCTC.so"
        if not library.is_file():
            raise SystemExit("wheel: nothing is built yet; run 'make wheel'")
        major, minor = max(needed(command), needed(library))
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-manylinux_{major}_{minor}_{platform.machine()}"
        build_data["shared_scripts"][str(command)] = "maskct"
        build_data["force_include"][str(library)] = "maskct/libMaskCTC.so"
        build_data["shared_data"][str(stage / "share")] = "share"
