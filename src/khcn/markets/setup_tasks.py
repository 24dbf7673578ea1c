"""Background work of the set-up: tasks take ids and are safe to run twice."""

from django_tasks import task


@task(queue_name="documents")
def still_task(job_id: int) -> None:
    """Make the still of a camera."""
    from khcn.core.errors import KhcnError  # noqa: PLC0415  # beside its only use
    from khcn.markets.services.stills import still_run  # noqa: PLC0415  # services enqueue this task

    try:
        still_run(job_id)
    except KhcnError:
        return  # the job carries the sentence


@task(queue_name="documents")
def clip_task(clip_id: int) -> None:
    """Count in an uploaded recording, then delete it."""
    from khcn.markets.services.clips import clip_run  # noqa: PLC0415  # services enqueue this task

    clip_run(clip_id)
