# SPDX-License-Identifier: MIT
"""The tests that ./purlin test runs, a module for each level; levels.py lists them."""
