"""The Swift library: loading, calling, errors. Its functions are described in Sources/Commands/MaskCTC/Interface.swift."""

from __future__ import annotations

import ctypes
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

Progress = Callable[[float], Any]

_callback = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_double)
_text = ctypes.POINTER(ctypes.c_char)
_error = ctypes.POINTER(_text)


class MaskCTError(Exception):
    """A failure that can be acted on: what is wrong, where, and what to do, in one line.

    `kind` is `usage` (called wrongly), `input` (unusable data), `output` (cannot be written) or `environment`
    (something is not installed).
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind

    def __reduce__(self):  # so that it comes back whole from another process
        return type(self), (self.kind, str(self))


def _load() -> ctypes.CDLL:
    # CDLL, not PyDLL: calls release the GIL.
    library = ctypes.CDLL(str(Path(__file__).with_name("libMaskCTC.so")))
    pointer, string, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int32
    for name, result, arguments in [
        ("open", pointer, [string, _error]),
        ("paint", pointer, [pointer, string, pointer, _error]),
        ("generate", pointer, [pointer, string, pointer, _callback, _error]),
        ("scan", pointer, [string, pointer, pointer, _callback, _error]),
        ("describe", _text, [pointer, _error]),
        ("copy", number, [pointer, number, ctypes.c_ssize_t, pointer, _error]),
        ("write", number, [pointer, string, _error]),
        ("release", None, [pointer]),
        ("free", None, [_text]),
    ]:
        function = getattr(library, "maskct_" + name)
        function.restype, function.argtypes = result, arguments
    return library


library = _load()

_is_forked = False


def _forked() -> None:
    global _is_forked
    _is_forked = True


# A forked process has none of its parent's threads, and the system's thread pool does not survive the fork: work
# stays on the calling thread there. Data-loader workers are such processes; one thread each is what they want.
os.register_at_fork(after_in_child=_forked)


def threads(wanted: int | None) -> int | None:
    """How many threads a call may use; None for one a core."""
    return 1 if _is_forked else wanted


def _take(text: Any) -> str:
    try:
        return ctypes.string_at(text).decode()
    finally:
        library.maskct_free(text)


def call(name: str, *arguments: Any) -> Any:
    """Calls a function that may fail; raises `MaskCTError` where it does."""
    error = _text()
    result = getattr(library, "maskct_" + name)(*arguments, ctypes.byref(error))
    if error:
        failure = json.loads(_take(error))
        raise MaskCTError(failure["kind"], failure["message"])
    return result


def call_with_progress(name: str, progress: Progress | None, *arguments: Any) -> Any:
    """As `call`, for functions that report progress; an exception in `progress` stops them and is raised."""
    raised: list[BaseException] = []

    def report(fraction: float) -> int:
        # Python runs signal handlers in here too: Ctrl-C arrives as KeyboardInterrupt.
        try:
            if progress is not None:
                progress(fraction)
        except BaseException as error:
            raised.append(error)
        return 1 if raised else 0

    wanted = progress is not None or threading.current_thread() is threading.main_thread()
    try:
        return call(name, *arguments, _callback(report) if wanted else _callback())
    except MaskCTError:
        if raised:
            raise raised[0] from None
        raise


class Handle:
    """A session or a result of the library's, released with this object."""

    def __init__(self, pointer: int) -> None:
        self.pointer = pointer
        self._owner = os.getpid()

    def __del__(self) -> None:
        if self._owner == os.getpid():
            library.maskct_release(self.pointer)

    def describe(self) -> dict[str, Any]:
        """Shape, affine, notes and record of a result."""
        return json.loads(_take(call("describe", self.pointer)))
