"""What programmes hand out as files."""
