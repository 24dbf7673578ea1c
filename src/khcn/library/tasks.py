"""Background work of the library: tasks take ids and are safe to run twice."""

from django_tasks import task


@task(queue_name="documents")
def deposit_process_task(batch_id: int) -> None:
    """Read the waiting files of one deposit."""
    from khcn.library.services.deposits import deposit_process  # noqa: PLC0415  # services enqueue this task

    deposit_process(batch_id)


@task(queue_name="documents")
def fixity_task(job_id: int) -> None:
    """Read every original and compare its hash."""
    from khcn.library.services.fixity_jobs import fixity_run  # noqa: PLC0415  # services enqueue this task

    fixity_run(job_id)


@task(queue_name="documents")
def catalogue_task(file_id: int) -> None:
    """Read a catalogue file, or bring in what it holds."""
    from khcn.library.services.catalogue import catalogue_work  # noqa: PLC0415  # services enqueue this task

    catalogue_work(file_id)
