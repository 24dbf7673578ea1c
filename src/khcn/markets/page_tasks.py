"""Background work of the pages of figures: tasks take names and ids and are safe to run twice."""

from django_tasks import task


@task()
def prepared_make_task(name: str) -> bool:
    """Make one prepared result (forecast, effect, floor)."""
    from django.utils import timezone  # noqa: PLC0415  # tasks are loaded before the apps are ready

    from khcn.markets.services.prepared import prepared_make  # noqa: PLC0415  # services enqueue this task

    return prepared_make(name, timezone.now())


@task()
def report_make_task(job_id: int) -> None:
    """Write one monthly report."""
    from khcn.markets.services.reports import report_make  # noqa: PLC0415  # services enqueue this task

    report_make(job_id)
