# SPDX-License-Identifier: MIT
"""The parts of ./purlin bench (bench/README.md)."""
