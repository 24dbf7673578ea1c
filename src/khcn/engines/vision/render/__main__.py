"""``python -m khcn.engines.vision.render --scenario tour --out X.mp4 --truth gt.txt --layout layout.json``."""

import argparse
import json
import sys
from pathlib import Path

from khcn.engines.vision.render.clip import render_clip
from khcn.engines.vision.render.scenarios import SCENARIOS
from khcn.engines.vision.types import Size


def main(argv: list[str] | None = None) -> int:
    """Render one film; print its crossings as JSON."""
    parser = argparse.ArgumentParser(prog="python -m khcn.engines.vision.render", description=__doc__)
    parser.add_argument("--scenario", choices=sorted(SCENARIOS), default="tour")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--truth", type=Path, help="MOT15 truth file")
    parser.add_argument("--layout", type=Path, help="gates and zones as JSON")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--size", default="640x360")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--codec")
    given = parser.parse_args(argv)
    width, height = (int(part) for part in given.size.split("x"))
    more = {} if given.seed is None else {"seed": given.seed}
    scenario = SCENARIOS[given.scenario](seconds=given.seconds, size=Size(width, height), **more)
    truth = render_clip(scenario, given.out, codec=given.codec, progress=_show)
    if given.truth:
        truth.write_mot15(given.truth)
    if given.layout:
        given.layout.write_text(json.dumps(truth.layout.as_json(), indent=1), "utf-8")
    found = [
        {"gate": c.gate, "t": round(c.t, 2), "direction": c.direction, "x": round(c.x, 1), "y": round(c.y, 1)}
        for c in truth.crossings
    ]
    peak = max(truth.occupancy, default=0)
    sys.stdout.write(
        json.dumps({"frames": scenario.frames, "crossings": found, "occupancy_peak": peak}) + "\n"
    )
    return 0


def _show(done: int, total: int) -> None:
    if done % 50 == 0 or done == total:
        sys.stderr.write(f"\r{done}/{total}")
        sys.stderr.write("\n" if done == total else "")


if __name__ == "__main__":
    raise SystemExit(main())
