"""The ground floor, without models: clock, dates, ids, text, masking, problems, requests, lists, exports."""
