"""What can be tuned in following people. Distances are in heights of a person's box, times in seconds.

Nothing is in pixels or frames, so one set of values serves a far gate in a wide hall and a near doorway, at 5 and at 30
pictures a second. The values were chosen on one outdoor clip with four detectors at 10, 5 and 2.5 pictures a second.
Crossings hardly depend on them; identities do, by some hundredths of IDF1 (``speed`` and ``noise`` of the motion most).
"""

from dataclasses import dataclass, field

from khcn.engines.vision.track.motion import MotionSettings


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """Thresholds of one detector and the manners of the tracker.

    The detector's own, from its card: ``high`` and ``low`` bound sure and weak detections; only sure ones begin a track.

    Association: ``reach``: greatest surprise of a pair (squared distance in standard deviations); ``growth``: a box is at
    most this many times as tall or as low as the track's (the size gate); ``iou_weight``, ``size_weight``: what overlap
    and size say beside position; ``weak_iou``: least overlap of a weak detection; ``weak_s``: a track unseen for longer
    takes no weak ones; ``buffer``: boxes are widened by this share of their sides before overlaps are taken.

    Life: ``confirm_s``: a new track is believed after this long; ``tentative_s``, ``lost_s``, ``exit_s``: how long one is
    kept unseen, before it is believed, after, and at the picture's edge on its way out; ``break_s``: samples further apart
    than this have nothing to do with each other (further than ``lost_s``: only who stood still is known again); ``hidden_s``, ``hidden_cover``:
    nobody begins in a box that covers this share of somebody unseen for less than this; ``still_s``: what has not moved
    at all for this long is a picture or a dummy and is not told (0: everybody is told).

    Joining (:class:`~khcn.engines.vision.track.follow.Follower`): ``lag_s``: how long moments are held back (0: nothing
    is joined or smoothed); ``decide_s``: what must be seen of a piece before it is joined; ``link_s``: longest gap;
    ``link_worst``: greatest surprise of a joint; ``own_bonus``: what speaks for the tracker's own guess; ``stride``:
    fastest walk over a gap, heights/s; ``mixed_iou``, ``mixed_out``: overlap at which two people begin and cease to be a
    doubt; ``mixed_s``: a doubt that lasts longer is no doubt; ``smooth_s``: width of the smoothing of boxes.
    """

    high: float = 0.5
    low: float = 0.25
    reach: float = 9.0
    growth: float = 1.6
    iou_weight: float = 1.0
    size_weight: float = 0.5
    weak_iou: float = 0.2
    weak_s: float = 0.7
    buffer: float = 0.0
    confirm_s: float = 0.3
    tentative_s: float = 0.45
    lost_s: float = 1.0
    exit_s: float = 0.5
    break_s: float = 8.0
    hidden_s: float = 1.0
    hidden_cover: float = 0.7
    still_s: float = 0.0
    lag_s: float = 4.0
    decide_s: float = 1.0
    link_s: float = 4.0
    link_worst: float = 10.0
    own_bonus: float = 1.0
    stride: float = 1.0
    mixed_iou: float = 0.35
    mixed_out: float = 0.15
    mixed_s: float = 3.0
    smooth_s: float = 0.3
    motion: MotionSettings = field(default_factory=MotionSettings)
