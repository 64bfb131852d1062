# SPDX-License-Identifier: MIT
"""The font of the kernel's screen: from strokes (kernel/debug/font.txt) to bitmaps, and to a table in C."""
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "kernel/debug/font.txt"
WIDTH, HEIGHT = 8, 16
FIRST, LAST = 33, 126


def line(start, end):
    """The pixels from one point to another."""
    (column, row), (last_column, last_row) = start, end
    steps = max(abs(last_column - column), abs(last_row - row))
    for step in range(steps + 1):
        part = step / steps if steps else 0
        # Halves are rounded up, so that a line is the same in both directions of a pair.
        yield int(column + (last_column - column) * part + 0.5), int(row + (last_row - row) * part + 0.5)


def points(stroke):
    return [(int(stroke[at]), int(stroke[at + 1], 16)) for at in range(0, len(stroke), 2)]


def bitmap(strokes):
    """A byte for each row, the leftmost pixel in its highest bit."""
    rows = [0] * HEIGHT
    for stroke in strokes:
        places = points(stroke)
        for start, end in zip(places, places[1:]):
            for column, row in line(start, end):
                rows[row] |= 0x80 >> column
    return bytes(rows)


def glyphs(source=SOURCE):
    """{character: bitmap} of all printable characters but the space."""
    found = {}
    for text in source.read_text().split("\n\n", 1)[1].splitlines():
        character, *strokes = text.split(" ")
        found[character] = bitmap(strokes)
    missing = [chr(code) for code in range(FIRST, LAST + 1) if chr(code) not in found]
    if missing:
        raise ValueError(f"{source}: no strokes for {' '.join(missing)}")
    return found


def table(font):
    rows = "".join(
        "\t{ " + ", ".join(f"0x{byte:02x}" for byte in font[chr(code)]) + " },\n" for code in range(FIRST, LAST + 1)
    )
    return f"/* Made by tools/purlin/font.py: the printable characters from '!' on. */\n{rows}"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(table(glyphs()))
