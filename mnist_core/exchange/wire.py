"""How much a protobuf file would unpack to, counted before it is unpacked.

An ONNX file is one protobuf message with others inside. An empty message takes two bytes in the file and about a
hundred in memory, so a small file can ask for gigabytes. Here the fields are counted as they stand in the file.
"""

from typing import Any

from mnist_core.errors import InputError

MAX_FIELDS = 200_000
MAX_DEPTH = 24
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
STRING = 9
"""The type of a field that holds text, by protobuf's number."""


def check_fields(data: bytes, descriptor: Any, name: str) -> None:
    """Raise InputError, naming the file, if its message has too many fields or too many others inside each other, or
    if a text in it is none: protobuf would give bytes in its place.

    descriptor: of the message (`Message.DESCRIPTOR`), which says which fields hold messages.
    """
    left = MAX_FIELDS
    waiting = [(0, len(data), descriptor, 1)]
    while waiting:
        place, end, kind, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise InputError(f"{name}: its parts are nested more than {MAX_DEPTH} deep, which no network needs.")
        while place < end:
            left -= 1
            if left < 0:
                raise InputError(f"{name}: it has more than {MAX_FIELDS:,} parts, which no network here needs.")
            key, place = _varint(data, place, end, name)
            wire = key & 7
            if wire == VARINT:
                _, place = _varint(data, place, end, name)
            elif wire == FIXED64:
                place += 8
            elif wire == FIXED32:
                place += 4
            elif wire == BYTES:
                length, place = _varint(data, place, end, name)
                field = kind.fields_by_number.get(key >> 3)
                if field is not None and field.message_type is not None and place + length <= end:
                    waiting.append((place, place + length, field.message_type, depth + 1))
                if field is not None and field.type == STRING:
                    _check_text(data[place : place + length], name)
                place += length
            else:
                raise _damaged(name)
            if place > end:
                raise _damaged(name)


def _check_text(text: bytes, name: str) -> None:
    try:
        text.decode()
    except UnicodeDecodeError:
        raise _damaged(name) from None


def _varint(data: bytes, place: int, end: int, name: str) -> tuple[int, int]:
    """A number of 7 bits a byte, the lowest first, and the place after it."""
    value = shift = 0
    while place < end and shift < 70:
        byte = data[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
        shift += 7
    raise _damaged(name)


def _damaged(name: str) -> InputError:
    return InputError(f"{name}: expected an ONNX file, found something else or a damaged one.")
