"""Requests for equipment and materials, from list to hand-over."""
