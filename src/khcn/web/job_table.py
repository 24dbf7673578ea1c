"""Background work in words: state with its tone, progress, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from khcn.core.enums import JobState
from khcn.core.models.jobs import Job
from khcn.ui.parts import State, Tone

TONES: Final[dict[str, Tone]] = {
    JobState.QUEUED: "neutral",
    JobState.RUNNING: "info",
    JobState.DONE: "good",
    JobState.FAILED: "bad",
    JobState.INTERRUPTED: "watch",
    JobState.CANCELLED: "neutral",
}


@dataclass(frozen=True)
class JobLine:
    """One job as the desk shows it. ``detail`` is the last message, or the error of a failed job."""

    title: str
    state: State
    who: str
    at: datetime
    done: int
    total: int | None
    detail: str
    active: bool


def job_line(job: Job) -> JobLine:
    """Return a job for the desk."""
    return JobLine(
        title=job.title,
        state=State(label=str(job.get_state_display()), tone=TONES[job.state]),
        who=job.actor_label,
        at=job.finished_at or job.started_at or job.created_at,
        done=job.done,
        total=job.total,
        detail=job.error or job.message,
        active=job.is_active,
    )
