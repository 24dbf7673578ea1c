"""Citations in named styles, made by citeproc-py from CSL-JSON. No Django, no network, no file of a user."""
