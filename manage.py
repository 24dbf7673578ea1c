#!/usr/bin/env python
"""Django's usual entry point; the same as the ``khcn`` command."""

from khcn.cli import main

if __name__ == "__main__":
    main()
