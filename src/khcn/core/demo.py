"""Demo content: each app registers a loader, and ``khcn up`` runs them on an empty database."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from khcn.core.registry import Registry

Progress = Callable[[str], None]


@dataclass(frozen=True)
class DemoLoader:
    """One app's demo content. ``load`` must be idempotent: running it twice changes nothing."""

    name: str
    order: int
    load: Callable[[Progress], None]


demo_loaders: Registry[DemoLoader] = Registry("demo loaders")


def register_demo(name: str, order: int, module: str) -> None:
    """Register the ``load_demo`` of a module, which is imported only to load; lower ``order`` runs first (orgs 10)."""

    def load(progress: Progress) -> None:
        import_module(module).load_demo(progress)

    demo_loaders.register(name, DemoLoader(name, order, load))


def load_demo(progress: Progress) -> None:
    """Run every loader in order."""
    for loader in sorted(demo_loaders.all(), key=lambda item: item.order):
        loader.load(progress)
