"""Exhibitors, what they show, and contacts made."""
