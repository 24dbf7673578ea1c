"""Lines of a JSONL file, one at a time and never more than a bounded amount of memory."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

MAX_LINE_BYTES = 64 * 1024 * 1024


def read_lines(path: Path) -> Iterator[tuple[int, int, bytes | None]]:
    """Yield (number from 1, bytes read so far, bytes) of each line that is not blank; ``None`` for one too long."""
    with path.open("rb") as stream:
        number = seen = 0
        while line := stream.readline(MAX_LINE_BYTES):
            number += 1
            seen += len(line)
            if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
                seen += _skip_rest(stream)
                yield number, seen, None
            elif line.strip() and line.strip() != b"\xef\xbb\xbf":
                yield number, seen, line


def _skip_rest(stream: BinaryIO) -> int:
    skipped = 0
    while rest := stream.readline(MAX_LINE_BYTES):
        skipped += len(rest)
        if rest.endswith(b"\n"):
            break
    return skipped
