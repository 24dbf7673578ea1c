"""Background work of the energy programme: tasks take ids and are safe to run twice."""

from django_tasks import task


@task(queue_name="default")
def connection_test_task(test_id: int) -> None:
    """Try a device from this machine."""
    from khcn.energy.services.connection_tests import connection_test_run  # noqa: PLC0415  # services enqueue tasks

    connection_test_run(test_id)


@task(queue_name="default")
def site_figures_task(site_id: int) -> None:
    """Derive every day of a site again."""
    from django.utils import timezone  # noqa: PLC0415

    from khcn.energy.services.rezone import site_figures  # noqa: PLC0415  # services enqueue tasks

    site_figures(site_id, timezone.now())
