"""Records as programs hand them in: the shape of one, and the reading of many. No service, no query."""
