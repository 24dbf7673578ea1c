"""Legal documents as a graph: what one does to another, from when, and so what was in force on a given day.

``timeline`` answers about one document from dates that are known; ``proposals`` reads a document's own words for what it
does to others and since when. Neither guesses: what is not said stays unknown.
"""
