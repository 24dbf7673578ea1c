"""What can be tuned in following people. Distances are in heights of a person's box, times in seconds.

Nothing is in pixels or frames, so one set of values serves a far gate in a wide hall and a near doorway, at 5 and at 30
pictures a second.
"""

from dataclasses import dataclass, field

from khcn.engines.vision.track.motion import MotionSettings


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """Thresholds of one detector and the manners of the tracker.

    ``high``, ``low``: scores of sure and of weak detections; they belong to the model's card.
    ``confirm_s``: a new track is believed after this long; ``lost_s``: an unseen track is kept this long.
    ``lag_s``: how long :class:`~khcn.engines.vision.track.follow.Follower` holds moments back to fill gaps (0: none).
    ``reach``: greatest surprise (squared normalised distance) of a pair; ``growth``: a box may be at most this many
    times as tall as the track's.
    """

    high: float = 0.5
    low: float = 0.2
    born: float = 0.5
    confirm_s: float = 0.15
    lost_s: float = 1.0
    exit_s: float = 0.5
    lag_s: float = 4.0
    reach: float = 9.0
    growth: float = 1.6
    iou_weight: float = 1.0
    size_weight: float = 0.5
    low_iou: float = 0.3
    tentative_s: float = 0.45
    link_s: float = 4.0
    decide_s: float = 1.0
    mixed_s: float = 3.0
    mixed_iou: float = 0.35
    mixed_out: float = 0.15
    link_base: float = 0.0
    link_worst: float = 10.0
    own_bonus: float = 3.0
    smooth_s: float = 0.2
    hidden_s: float = 1.0
    hidden_cover: float = 0.7
    stride: float = 1.0
    motion: MotionSettings = field(default_factory=MotionSettings)
    buffer: float = 0.0
    skip_static: bool = False
