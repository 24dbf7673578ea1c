"""Background work of the pages of figures: tasks take ids and are safe to run twice."""

from django_tasks import task


@task()
def report_make_task(job_id: int) -> None:
    """Write one report of a unit."""
    from khcn.energy.services.reports import report_make  # noqa: PLC0415  # services enqueue this task

    report_make(job_id)
