# SPDX-License-Identifier: MIT
"""The suites in the order in which ./purlin test runs them: quick ones and those without Linux come first."""
from suites import (
    bench, bochs, broken, crossing, damaged, deaths, debug_kernel, devices, disks, endings, exits, firmware, front_door, fuzz, host, image,
    linux, linux_disk, memory, mortal, new_session, overlay, pages, pauses, processors, proofs, rom, scenarios, screen, session_headers,
    shared_line, taking_away, terminal, two, usb, vcpus, waits,
)  # fmt: skip

LEVELS = (
    host, session_headers, pages, fuzz, proofs, bench, front_door, endings, broken, damaged, overlay, processors, exits,
    scenarios, shared_line, devices, disks, linux_disk, new_session, firmware, vcpus, crossing, deaths, mortal, memory, debug_kernel, bochs, waits, image, screen,
    terminal, linux, taking_away, pauses, usb, rom, two,
)  # fmt: skip
