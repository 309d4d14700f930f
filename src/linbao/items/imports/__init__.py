"""Items from spreadsheets (2.2.1)."""
