"""The deeds of ``khcn topics``, one module each."""
