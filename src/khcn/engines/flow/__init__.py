"""What the counts of visitors mean: forecast, usual days, alerts, effects, errors, public tables. Numbers only.

No Django, no clock, no files but the ones a caller names: ``now`` and ``today`` are passed in. Every series is hourly
in local wall-clock time; NaN means "not measured", which is never the same as zero.
"""
