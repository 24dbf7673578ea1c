"""Every story of programmes begins with empty counters."""
