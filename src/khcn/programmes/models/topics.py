"""Models of research topics from call to liquidation."""
