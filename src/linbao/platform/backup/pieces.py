"""A stream to read from, out of pieces."""

from __future__ import annotations

from collections.abc import Iterator


class Pieces:
    """Reads across the borders of the pieces; an error of their iterator is raised to the reader."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts, self._buffer, self.delivered = parts, bytearray(), 0  # bytes read so far

    def read(self, size: int = -1) -> bytes:
        """`size` bytes, fewer only at the end; all that is left without a size."""
        while size < 0 or len(self._buffer) < size:
            more = next(self._parts, None)
            if more is None:
                break
            self._buffer += more
        result = bytes(self._buffer if size < 0 else self._buffer[:size])
        del self._buffer[: len(result)]
        self.delivered += len(result)
        return result
