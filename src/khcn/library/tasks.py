"""Background work of the library: tasks take ids and are safe to run twice."""

from django_tasks import task


@task(queue_name="documents")
def deposit_process_task(batch_id: int) -> None:
    """Read the waiting files of one deposit."""
    from khcn.library.services.deposits import deposit_process  # noqa: PLC0415  # services enqueue this task

    deposit_process(batch_id)
