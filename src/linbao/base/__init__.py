"""The ground floor: clock, calendar, ids, encrypted fields, files, text, paging, problems.

Knows no area of the regulation; everything above may import it.
"""
