"""How much of a stranger's server we endure."""

from dataclasses import dataclass

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes or characters, times in seconds. The defaults let every honest repository pass."""

    max_bytes: int = 32 * MIB  # one answer, unpacked
    answer_s: float = 120.0  # one answer from the first byte asked to the last received
    idle_s: float = 30.0  # between two bytes
    connect_s: float = 15.0
    redirects: int = 5
    attempts: int = 4
    backoff_s: float = 2.0  # before the second try; doubled each time
    retry_after_max_s: float = 120.0  # longer waits are left to the next run
    pause_s: float = 0.0  # between two requests, so that the source has time for its readers
    # Inside one answer
    record_chars: int = 4 * MIB
    text_chars: int = 200_000  # one field
    attribute_chars: int = 65_536
    depth: int = 64
    elements: int = 20_000  # one record
    values: int = 500  # repeated fields of one kind
    # A whole list
    max_records: int = 2_000_000
    empty_pages: int = 20
    max_sets: int = 2_000
