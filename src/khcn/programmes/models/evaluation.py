"""Surveys, quizzes and their answers."""
