"""How lessons are rated by the schools that taught them, and how long a report may be changed.

A mean of few marks says little: one happy school would stand before thirty content ones. So the mean is damped (the
Bayesian mean): as if ``PRIOR_WEIGHT`` more schools had given ``PRIOR_MEAN``. A lesson with fewer than ``LEAST_REPORTS``
reports has no place in the list of the best rated and its mean is not shown.
"""

from typing import Final

LEAST_REPORTS: Final = 3
PRIOR_MEAN: Final = 3.5  # the middle of what teachers give
PRIOR_WEIGHT: Final = 5
EDIT_DAYS: Final = 14  # a report may be changed so long by its unit
MOST_PUPILS: Final = 5000
MOST_WORDS: Final = 3000


def damped(total: int, count: int) -> int:
    """Return the damped mean of ``count`` marks that sum up to ``total``, in thousandths; 0 without marks."""
    if not count:
        return 0
    return round(1000 * (PRIOR_MEAN * PRIOR_WEIGHT + total) / (PRIOR_WEIGHT + count))
