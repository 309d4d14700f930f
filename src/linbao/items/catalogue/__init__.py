"""Kinds of information and their fields (chapter 3)."""
