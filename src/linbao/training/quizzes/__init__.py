"""Quizzes and feedback (5.1.3)."""
