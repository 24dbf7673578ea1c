"""Background work of harvesting: tasks take ids and are safe to run twice."""

from django_tasks import task


@task(queue_name="documents")
def harvest_task(source_id: int, token: str) -> None:
    """Read a source for a while; goes back into the queue when there is more, so that others get their turn."""
    from khcn.library.services.harvest_runs import harvest_slice  # noqa: PLC0415  # the service enqueues this task

    harvest_slice(source_id=source_id, token=token)


@task(queue_name="documents")
def harvest_deletions_task(source_id: int) -> None:
    """Withdraw what a source has deleted, after a librarian said yes."""
    from khcn.library.services.harvest_deletions import gone_items_settle  # noqa: PLC0415  # see above

    gone_items_settle(source_id=source_id)
