#!/usr/bin/env python3
"""Run check, test and test-slow one after the other and print the time of each."""

import subprocess
import sys
import time


def main() -> None:
    """Run all three; fail when one fails, but run them all."""
    rows: list[tuple[str, float, int]] = []
    for target in ("check", "test", "test-slow"):
        print(f"==== make {target}", flush=True)
        start = time.monotonic()
        code = subprocess.run(["make", "--no-print-directory", target], check=False).returncode
        rows.append((target, time.monotonic() - start, code))
    print("==== make ci", flush=True)
    for target, seconds, code in rows:
        print(f"{target:10} {seconds:7.1f} s  {'ok' if code == 0 else f'FAILED ({code})'}")
    passed = sum(code == 0 for _, _, code in rows)
    print(f"{passed} passed, {len(rows) - passed} failed", flush=True)
    sys.exit(0 if passed == len(rows) else 1)


if __name__ == "__main__":
    main()
