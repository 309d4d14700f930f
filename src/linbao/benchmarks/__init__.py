"""`linbao bench`: what requests, documents and searches cost on this machine."""
