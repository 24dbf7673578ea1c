"""Background work of consolidated reports: tasks take ids and are safe to run twice."""

from django_tasks import task


@task()
def roll_files_task(job_id: int) -> None:
    """Make the files of one report."""
    from khcn.plan.services.rolls_files import roll_files_make  # noqa: PLC0415  # services enqueue this task

    roll_files_make(job_id)
