"""The tree of units with its settings and calendar, and who its people are: roles and what they may do."""
