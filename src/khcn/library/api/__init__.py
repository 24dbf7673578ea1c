"""The library over HTTP for programs: ``/api/v1/library``. See ``docs/dev/library-api.md``."""
