"""The verbs of this room, by the file that holds them."""

from linbao.security.alerts import alert, close, take

__all__ = ["alert", "close", "take"]
