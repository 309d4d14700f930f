"""Items of information from collection to filing (2.1, 3), with activities, attachments, catalogue and imports."""
