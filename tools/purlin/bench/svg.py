# SPDX-License-Identifier: MIT
"""Just enough SVG: elements collected and written."""
from xml.sax.saxutils import escape, quoteattr

FONT = "font-family: 'DejaVu Sans', Helvetica, Arial, sans-serif; font-size: 12px"
# Distinguishable by people who see colours differently (Okabe and Ito).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#999999", "#f0e442")
GREY, BLACK = "#bbbbbb", "#222222"


class Drawing:
    def __init__(self, width, height, title):
        self.parts = [
            "<!-- SPDX-License-Identifier: MIT -->",
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f"style={quoteattr(FONT)}>",
            f"<title>{escape(title)}</title>",
            f'<rect width="{width}" height="{height}" fill="white"/>',
        ]

    def text(self, x, y, words, anchor="start", colour=BLACK, weight="normal"):
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-weight="{weight}">{escape(words)}</text>'
        )

    def line(self, x1, y1, x2, y2, colour=GREY, width=1.0):
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'
        )

    def bar(self, x, y, width, height, colour):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>')

    def path(self, points, colour):
        listed = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{listed}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for x, y in points:
            self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')

    def finish(self):
        return ("\n".join([*self.parts, "</svg>"]) + "\n").encode()
