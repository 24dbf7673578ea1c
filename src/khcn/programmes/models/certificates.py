"""Certificates and how they are verified."""
