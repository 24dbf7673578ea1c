"""Background work of the area "saved": tasks take ids and are safe to run twice."""

from django_tasks import task


@task(queue_name="default")
def export_make_task(job_id: int) -> None:
    """Write one list as a file."""
    from khcn.library.services.saved_exports import export_make  # noqa: PLC0415  # services enqueue this task

    export_make(job_id)
