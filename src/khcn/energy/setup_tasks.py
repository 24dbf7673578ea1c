"""Background work of the set-up: tasks take ids and are safe to run twice."""

from django_tasks import task


@task()
def plan_task(plan_id: int) -> None:
    """Compute one plan of a roof."""
    from khcn.energy.services.plans import plan_run  # noqa: PLC0415  # services enqueue this task

    plan_run(plan_id)


@task(queue_name="documents")
def bill_read_task(job_id: int) -> None:
    """Read one bill from its PDF."""
    from khcn.energy.services.bill_files import bill_read  # noqa: PLC0415  # services enqueue this task

    bill_read(job_id)


@task()
def scan_task(test_id: int) -> None:
    """Find out what an unknown device is."""
    from khcn.energy.services.wizard import scan_run  # noqa: PLC0415  # services enqueue this task

    scan_run(test_id)


@task(queue_name="documents")
def readings_task(job_id: int) -> None:
    """Take in a file of readings."""
    from khcn.energy.services.reading_files import readings_run  # noqa: PLC0415  # services enqueue this task

    readings_run(job_id)


@task()
def rerate_task(job_id: int) -> None:
    """Price past days of a site anew."""
    from khcn.energy.services.rerates import rerate_run  # noqa: PLC0415  # services enqueue this task

    rerate_run(job_id)
