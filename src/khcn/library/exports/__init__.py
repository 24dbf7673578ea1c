"""What the library hands out in formats of others."""
