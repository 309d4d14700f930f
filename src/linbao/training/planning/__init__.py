"""Plans, topics, courses, lecturers (5.1.1)."""
