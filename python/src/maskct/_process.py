"""Runs the command `maskct` that the wheel installs, and tells its errors apart."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import threading
from dataclasses import dataclass
from numbers import Number
from pathlib import Path
from typing import Any

from ._library import MaskCTError


def command() -> str:
    """The path of the command `maskct` of this environment, else the one on the `PATH`.

    Raises:
        MaskCTError: where there is none.
    """
    folders = [sysconfig.get_path("scripts"), sysconfig.get_path("scripts", f"{os.name}_user"), Path(sys.executable).parent]
    for folder in folders:
        path = Path(folder) / "maskct"
        if os.access(path, os.X_OK):
            return str(path)
    found = shutil.which("maskct")
    if found is None:
        raise MaskCTError("environment", "the command maskct is not installed; install the wheel again")
    return found


@dataclass(frozen=True)
class Finished:
    """What a command printed."""

    output: str
    """Standard output."""
    errors: list[str]
    """The lines that begin with `maskct: error:`, without that; cases that were left out."""
    warnings: list[str]
    """The lines that begin with `maskct: warning:`, without that."""
    code: int
    """The exit code; 0 if everything was done."""


def run(*arguments: Any, verbose: bool = True, partial: bool = False) -> Finished:
    """Runs any command of `maskct`, such as `run("view", "dataset", "--output", "cases.png")`.

    Args:
        arguments: as on the command line, without a shell; paths and numbers are turned into text.
        verbose: pass progress on to standard error.
        partial: return where some cases were left out (exit code 1), rather than raise.

    Raises:
        MaskCTError: with the line that the command prints. `kind` is `usage` where the call was wrong, else `failure`.
    """
    process = subprocess.Popen(
        [command(), *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, encoding="utf-8", errors="replace")
    lines: list[str] = []

    def listen() -> None:
        for line in process.stderr:
            lines.append(line.rstrip("\n"))
            if verbose:
                sys.stderr.write(line)
                sys.stderr.flush()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        output = process.stdout.read()
        code = process.wait()
    except BaseException:
        process.terminate()  # an interrupted command cleans up, and resumes when it is run again
        process.wait()
        raise
    finally:
        listener.join()
        process.stdout.close()
        process.stderr.close()
    errors, warnings = ([line[len(start):] for line in lines if line.startswith(start)]
                        for start in ("maskct: error: ", "maskct: warning: "))
    if code and not (partial and code == 1):
        text = errors[-1] if errors else (lines[-1] if lines else f"maskct ended with code {code}")
        raise MaskCTError("usage" if code == 2 else "failure", text)
    return Finished(output, errors, warnings, code)


def options(**named: Any) -> list[str]:
    """Options as arguments: None is left out, True is a flag, a sequence repeats the option."""
    result: list[str] = []
    for name, value in named.items():
        flag = "--" + name.replace("_", "-")
        if value is None or value is False:
            continue
        if value is True:
            result.append(flag)
        elif isinstance(value, (str, os.PathLike, Number)):
            result.append(f"{flag}={os.fspath(value) if isinstance(value, os.PathLike) else value}")
        else:
            result += [f"{flag}={item}" for item in value]
    return result
