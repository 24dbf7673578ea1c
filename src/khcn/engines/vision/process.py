"""What this very process has cost so far."""

import contextlib
import resource
import time
from pathlib import Path


def peak_rss_mb() -> float:
    """Return the peak of resident memory (ru_maxrss would count the parent's, inherited over exec)."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/self/status").read_text("ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def cpu_s() -> float:
    """Return user and system seconds of all threads."""
    return time.process_time()


def forbid_core_dumps() -> None:
    """A core dump of a process that holds pictures would be a picture on disk."""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
