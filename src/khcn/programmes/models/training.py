"""Models of training needs and records of officials and teachers."""
