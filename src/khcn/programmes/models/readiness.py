"""Models of the digital-readiness self-check of small enterprises."""
