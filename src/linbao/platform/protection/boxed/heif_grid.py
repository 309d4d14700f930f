"""HEICs of hundreds of megapixels, decoded tile by tile: phones write large photos as a grid of small pictures (3.4).

The decoder's library makes the whole picture at once, 600 MB of it at 200 megapixels. Here each tile is taken out as a
HEIC of its own (ISO/IEC 23008-12), decoded, reduced and laid into the picture that is shown.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, field

import pi_heif
from PIL import Image

from linbao.platform.protection.boxed import Refusal, precheck

MOST_TILES = 4096
MOST_TILE = 4_200_000  # pixels of one tile


@dataclass
class _Meta:
    """What the `meta` box says: where each item's bytes lie, which properties it has, which tiles a grid is of."""

    primary: int = 0
    kinds: dict[int, bytes] = field(default_factory=dict)
    places: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    inline: set[int] = field(default_factory=set)  # items whose bytes lie in `idat`
    properties: list[bytes] = field(default_factory=list)  # whole boxes
    owned: dict[int, list[tuple[int, bool]]] = field(default_factory=dict)  # item: (number of a property, essential)
    tiles: dict[int, list[int]] = field(default_factory=dict)
    idat: int = 0


def decode(data: bytes, side: int) -> Image.Image:
    """The primary picture, upright, its longer side at least `side`. Refuses `broken` for what is no such grid."""
    try:
        return _decode(data, side)
    except (IndexError, KeyError, ValueError, struct.error) as e:
        raise Refusal("broken") from e


def _decode(data: bytes, side: int) -> Image.Image:
    meta = _read(data)
    if meta.kinds.get(meta.primary) != b"grid":
        raise Refusal("memory")  # one single picture of this size: no phone writes it
    head = _bytes(data, meta, meta.primary)
    rows, columns = head[2] + 1, head[3] + 1
    width, height = struct.unpack(">II" if head[1] & 1 else ">HH", head[4 : 12 if head[1] & 1 else 8])
    tiles = meta.tiles[meta.primary]
    if rows * columns != len(tiles) or len(tiles) > MOST_TILES:
        raise ValueError("tiles")
    tile_width, tile_height = _size(meta, tiles[0])
    if tile_width * tile_height > MOST_TILE or tile_width * columns < width or tile_height * rows < height:
        raise ValueError("size")
    by = 1
    while max(width, height) // (by * 2) >= side and tile_width % (by * 2) == 0 and tile_height % (by * 2) == 0:
        by *= 2
    made = Image.new("RGB", (-(-width // by), -(-height // by)))
    for n, item in enumerate(tiles):
        if _size(meta, item) != (tile_width, tile_height):
            raise ValueError("tile")
        tile = pi_heif.open_heif(io.BytesIO(_alone(data, meta, item)), convert_hdr_to_8bit=True).to_pillow()
        tile = tile.convert("RGB")
        place = (n % columns * tile_width // by, n // columns * tile_height // by)
        made.paste(tile.reduce(by) if by > 1 else tile, place)
    return _rotated(made, meta)


def _rotated(image: Image.Image, meta: _Meta) -> Image.Image:
    for number, _essential in meta.owned.get(meta.primary, []):
        kind, body = meta.properties[number - 1][4:8], meta.properties[number - 1][8:]
        if kind == b"irot" and body[0] & 3:
            turn = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)
            image = image.transpose(turn[(body[0] & 3) - 1])
        elif kind == b"imir":
            mirror = Image.Transpose.FLIP_LEFT_RIGHT if body[0] & 1 else Image.Transpose.FLIP_TOP_BOTTOM
            image = image.transpose(mirror)
    return image


def _size(meta: _Meta, item: int) -> tuple[int, int]:
    for number, _essential in meta.owned[item]:
        if meta.properties[number - 1][4:8] == b"ispe":
            width, height = struct.unpack(">II", meta.properties[number - 1][12:20])
            return width, height
    raise ValueError("no size")


def _bytes(data: bytes, meta: _Meta, item: int) -> bytes:
    base = meta.idat if item in meta.inline else 0
    return b"".join(data[base + at : base + at + size] for at, size in meta.places[item])


def _alone(data: bytes, meta: _Meta, item: int) -> bytes:
    """A HEIC of this one tile."""
    coded = _bytes(data, meta, item)
    own = [(n, essential) for n, essential in meta.owned[item] if meta.properties[n - 1][4:8] not in (b"irot", b"imir")]
    link = b"".join(struct.pack("B", n | essential << 7) for n, (_number, essential) in enumerate(own, 1))
    fixed = (
        _box(b"hdlr", struct.pack(">IIIIIIB", 0, 0, int.from_bytes(b"pict"), 0, 0, 0, 0)),
        _box(b"pitm", struct.pack(">IH", 0, 1)),
        _box(b"iinf", struct.pack(">IH", 0, 1) + _box(b"infe", struct.pack(">IHH4sB", 2 << 24, 1, 0, b"hvc1", 0))),
        _box(
            b"iprp",
            _box(b"ipco", b"".join(meta.properties[n - 1] for n, _essential in own))
            + _box(b"ipma", struct.pack(">IIHB", 0, 1, 1, len(own)) + link),
        ),
    )
    start = _box(b"ftyp", b"heic\0\0\0\0mif1heic")

    def location(at: int) -> bytes:
        return _box(b"iloc", struct.pack(">IBBHHHHII", 0, 0x44, 0, 1, 1, 0, 1, at, len(coded)))

    whole = _box(b"meta", bytes(4) + b"".join(fixed) + location(0))
    at = len(start) + len(whole) + 8
    return start + _box(b"meta", bytes(4) + b"".join(fixed) + location(at)) + _box(b"mdat", coded)


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body) + 8, kind) + body


# --- reading --------------------------------------------------------------------------------------------


def _read(data: bytes) -> _Meta:
    meta = _Meta()
    for kind, at, size in precheck.boxes(data):
        if kind == b"meta":
            for inner, place, length in precheck.boxes(data, at + 12, at + size):
                body = data[place + 8 : place + length]
                if inner == b"pitm":
                    meta.primary = int.from_bytes(body[4:6] if body[0] == 0 else body[4:8])
                elif inner == b"iinf":
                    _read_kinds(body, meta)
                elif inner == b"iloc":
                    _read_places(body, meta)
                elif inner == b"iref":
                    _read_tiles(body, meta)
                elif inner == b"iprp":
                    _read_properties(body, meta)
                elif inner == b"idat":
                    meta.idat = place + 8
            return meta
    raise ValueError("no meta")


def _read_kinds(body: bytes, meta: _Meta) -> None:
    for kind, at, _size in precheck.boxes(body, 6 if body[0] == 0 else 8):
        version = body[at + 8]
        if kind == b"infe" and version >= 2:
            wide = 2 if version == 2 else 4
            item = int.from_bytes(body[at + 12 : at + 12 + wide])
            meta.kinds[item] = body[at + 14 + wide : at + 18 + wide]


def _read_places(body: bytes, meta: _Meta) -> None:
    version, sizes = body[0], body[4:6]
    offset, length, base, index = sizes[0] >> 4, sizes[0] & 15, sizes[1] >> 4, sizes[1] & 15 if version else 0
    wide = 4 if version == 2 else 2
    read = io.BytesIO(body[6:])

    def number(count: int) -> int:
        return int.from_bytes(read.read(count))

    for _n in range(min(number(wide), 20_000)):
        item = number(wide)
        if version and number(2) & 15 == 1:
            meta.inline.add(item)
        number(2)
        start = number(base)
        rows = []
        for _extent in range(min(number(2), 1000)):
            number(index)
            at = start + number(offset)
            rows.append((at, number(length)))
        meta.places[item] = rows


def _read_tiles(body: bytes, meta: _Meta) -> None:
    wide = 2 if body[0] == 0 else 4
    for kind, at, _size in precheck.boxes(body, 4):
        if kind == b"dimg":
            item, at = int.from_bytes(body[at + 8 : at + 8 + wide]), at + 8 + wide
            count = int.from_bytes(body[at : at + 2])
            meta.tiles[item] = [int.from_bytes(body[at + 2 + n * wide : at + 2 + (n + 1) * wide]) for n in range(count)]


def _read_properties(body: bytes, meta: _Meta) -> None:
    for kind, at, size in precheck.boxes(body):
        if kind == b"ipco":
            meta.properties = [body[p : p + s] for _kind, p, s in precheck.boxes(body, at + 8, at + size)]
        elif kind == b"ipma":
            read = io.BytesIO(body[at + 8 : at + size])
            version, flags = read.read(4)[0], body[at + 11]
            for _n in range(min(int.from_bytes(read.read(4)), 20_000)):
                item = int.from_bytes(read.read(4 if version else 2))
                own = []
                for _property in range(read.read(1)[0]):
                    value = int.from_bytes(read.read(2 if flags & 1 else 1))
                    bit = 15 if flags & 1 else 7
                    own.append((value & ((1 << bit) - 1), bool(value >> bit)))
                meta.owned[item] = own
