# SPDX-License-Identifier: MIT
"""Reading a flattened device tree (Devicetree Specification 0.4, chapter 5)."""
import struct

MAGIC = 0xD00DFEED
BEGIN_NODE, END_NODE, PROPERTY, NOP, END = 1, 2, 3, 4, 9


class Node:
    def __init__(self, name):
        self.name = name
        self.properties = {}
        self.children = []

    def child(self, name):
        return next((node for node in self.children if node.name == name), None)

    def texts(self, name):
        """The strings of a property; none if it is missing."""
        value = self.properties.get(name, b"")
        return [text.decode(errors="replace") for text in value.rstrip(b"\0").split(b"\0")] if value else []

    def text(self, name, otherwise=""):
        return (self.texts(name) or [otherwise])[0]

    def cell(self, name, otherwise=None):
        value = self.properties.get(name)
        return struct.unpack(">I", value)[0] if value and len(value) == 4 else otherwise


def read(blob):
    """The root node."""
    magic, _, structure, strings = struct.unpack_from(">IIII", blob)
    if magic != MAGIC:
        raise ValueError("not a device tree")
    at, path, root = structure, [], None
    while True:
        (token,) = struct.unpack_from(">I", blob, at)
        at += 4
        if token == BEGIN_NODE:
            end = blob.index(b"\0", at)
            node = Node(blob[at:end].decode())
            if path:
                path[-1].children.append(node)
            root = root or node
            path.append(node)
            at = (end + 4) & ~3
        elif token == PROPERTY:
            length, name = struct.unpack_from(">II", blob, at)
            end = blob.index(b"\0", strings + name)
            path[-1].properties[blob[strings + name : end].decode()] = blob[at + 8 : at + 8 + length]
            at = (at + 8 + length + 3) & ~3
        elif token == END_NODE:
            path.pop()
        elif token == END:
            return root
        elif token != NOP:
            raise ValueError("broken device tree")
