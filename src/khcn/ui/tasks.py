"""Background work of the design system."""

from django_tasks import task

from khcn.ui.charts.store import chart_draw


@task()
def chart_render(digest: str) -> bool:
    """Draw a chart that a page asked for. Running it again does nothing."""
    return chart_draw(digest)
