"""The peer of the counting pipeline: supervision's LineZone on trackers' ByteTrack, fed by the very same detections.

Both packages belong to ``requirements-bench.lock`` only; nothing of the product imports them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import supervision as sv
from trackers import ByteTrackTracker

from khcn.engines.vision.evaluate.score import CrossingScore, match_crossings, truth_crossings
from khcn.engines.vision.evaluate.truth import Truth
from khcn.engines.vision.layout import Gate
from khcn.engines.vision.types import Crossing, Detections


def peer_crossings(
    moments: Sequence[tuple[int, float, Detections]], gates: Sequence[Gate], fps: float, high: float
) -> list[Crossing]:
    """Count with the peer: ``moments`` are (source frame, seconds, detections) at ``fps`` samples a second."""
    tracker: Any = ByteTrackTracker(
        lost_track_buffer=round(3 * fps),
        frame_rate=fps,
        track_activation_threshold=high,
        high_conf_det_threshold=high,
        minimum_consecutive_frames=2,
    )
    zones = {
        gate.id: sv.LineZone(
            start=sv.Point(*gate.points[0]),
            end=sv.Point(*gate.points[-1]),
            triggering_anchors=[sv.Position.BOTTOM_CENTER],
        )
        for gate in gates
    }
    found = []
    for _number, t, detections in moments:
        tracked = tracker.update(
            sv.Detections(
                xyxy=detections.boxes,
                confidence=detections.scores,
                class_id=np.zeros(len(detections), int),
            )
        )
        tracked = tracked[tracked.tracker_id >= 0]
        for gate in gates:
            entered, left = zones[gate.id].trigger(tracked)
            for side, mask in (("in", entered), ("out", left)):
                for box in tracked.xyxy[mask]:
                    found.append(Crossing(gate.id, t, side, float((box[0] + box[2]) / 2), float(box[3])))
    return found


def peer_score(
    truth: Truth,
    moments: Sequence[tuple[int, float, Detections]],
    gates: Sequence[Gate],
    *,
    fps: float,
    source_fps: float,
    high: float,
) -> CrossingScore:
    """Score the peer as our own pipeline is scored; its idea of "in" is turned to ours where that fits better."""
    real = truth_crossings(truth, gates, source_fps)
    found = peer_crossings(moments, gates, fps, high)
    turned = [Crossing(c.gate, c.t, "out" if c.direction == "in" else "in", c.x, c.y) for c in found]
    return max((match_crossings(real, found), match_crossings(real, turned)), key=lambda score: score.matched)
