"""Background work of consolidated reports: tasks take ids and are safe to run twice."""

from django_tasks import task


@task()
def roll_files_task(job_id: int) -> None:
    """Make the files of one report."""
    from khcn.plan.services.rolls_files import roll_files_make  # noqa: PLC0415  # services enqueue this task

    roll_files_make(job_id)


@task()
def roll_document_task(roll_id: int) -> None:
    """Enter the document of an approved report into the register."""
    from khcn.plan.services.rolls_document import roll_document_make  # noqa: PLC0415  # services enqueue this task

    roll_document_make(roll_id)
