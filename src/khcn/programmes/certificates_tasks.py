"""Background work of certificates: tasks take ids and are safe to run twice."""

from django_tasks import task


@task()
def batch_archive_task(job_id: int) -> None:
    """Make the archive of one batch."""
    from khcn.programmes.services.certificates_archive import archive_make  # noqa: PLC0415  # services enqueue this task

    archive_make(job_id)
