"""Child processes that do not outlive their parent."""

from __future__ import annotations

import ctypes
import signal

PR_SET_PDEATHSIG = 1


def end_with_parent(number: signal.Signals) -> None:
    """For `preexec_fn`: this process gets `number` when its parent ends, however that ends. A web server left alone
    would keep the port, a database the lock of its wheel."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
