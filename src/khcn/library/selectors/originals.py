"""Which originals the library must keep: those of works and those that an earlier version of a work names."""

from khcn.library.models import WorkFile, WorkVersion


def kept_originals() -> dict[str, int]:
    """Return the size in bytes of every original by its hash, in the order of the hashes."""
    found = dict(WorkFile.objects.order_by().values_list("sha256", "size_bytes").distinct())
    for files in (
        WorkVersion.objects.exclude(files=[]).values_list("files", flat=True).iterator(chunk_size=500)
    ):
        for file in files:
            found.setdefault(str(file["sha256"]), int(file.get("size_bytes") or 0))
    return dict(sorted(found.items()))
