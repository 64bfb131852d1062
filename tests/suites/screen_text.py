# SPDX-License-Identifier: MIT
"""Reads text from a picture of a screen, by comparing its cells with a font's letters."""
import re

import font
import linux

CELL = font.WIDTH, font.HEIGHT
UNKNOWN = "\N{REPLACEMENT CHARACTER}"


def kernel_font():
    """{bitmap: character} of the microkernel's letters."""
    return {bitmap: character for character, bitmap in font.glyphs().items()} | {bytes(font.HEIGHT): " "}


def linux_font(version):
    """The same of Linux's console: the table in its own source says the number before each letter."""
    source = (linux.tree(version) / "lib/fonts/font_8x16.c").read_text()
    table = source.split("{ 0, 0, FONTDATAMAX, 0 }, {", 1)[1]
    data = bytes(int(word, 16) for word in re.findall(r"^\s*(0x[0-9a-f]{2}),", table, re.MULTILINE))
    letters = {data[16 * code : 16 * code + 16]: chr(code) for code in range(ord("!"), ord("~") + 1)}
    return letters | {bytes(16): " "}


def bitmap(picture, column, row):
    rows = []
    for y in range(row * CELL[1], (row + 1) * CELL[1]):
        line = picture.line(y)[column * CELL[0] * 3 : (column + 1) * CELL[0] * 3]
        rows.append(sum(0x80 >> x for x in range(CELL[0]) if max(line[3 * x : 3 * x + 3]) > 127))
    return bytes(rows)


def lines(picture, letters):
    """The text of each row; a cell that holds no letter of the font becomes UNKNOWN."""
    columns, rows = picture.width // CELL[0], picture.height // CELL[1]
    return [
        "".join(letters.get(bitmap(picture, column, row), UNKNOWN) for column in range(columns)).rstrip() if not is_black(picture, row) else ""
        for row in range(rows)
    ]


def is_black(picture, row):
    """Most are."""
    return not any(any(picture.line(y)) for y in range(row * CELL[1], (row + 1) * CELL[1]))


def text(picture, letters):
    return "\n".join(lines(picture, letters)).strip("\n")
