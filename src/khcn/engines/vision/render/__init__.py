"""The project's own films: a market hall with walking figures and exact truth. Nobody in them exists.

Everything is drawn from a seed with numpy and Pillow: no downloaded pictures. See :func:`~.clip.render_clip`.
"""
