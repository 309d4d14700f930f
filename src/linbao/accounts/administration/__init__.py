"""The administrator's landing page."""
