"""Models of lessons: curricula, versions, forks, reports from schools."""
