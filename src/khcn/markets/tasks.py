"""Background work of the market halls: tasks take ids and are safe to run twice."""

from django_tasks import task


@task(queue_name="documents")
def demo_clip_task(camera_id: int) -> None:
    """Draw the demo's film and have it counted."""
    from khcn.markets.services.demo_clips import demo_clip_make  # noqa: PLC0415  # services enqueue tasks

    demo_clip_make(camera_id)
