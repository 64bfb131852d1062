# SPDX-License-Identifier: MIT
"""
The suites in the order in which lanes (lanes.py) take them, each when its Linux is built; at the end stands what comes in
small pieces, so that all lanes end at the same time.
"""
from suites import (
    bench, bochs, broken, consoles, crossing, damaged, deaths, debian_root, debug_kernel, devices, disks, endings, exits, firmware, front_door, full, fuzz, host, hostile, hotplug, idle, image, includes,
    linux, linux_control, linux_disk, linux_move, linux_ram, locks, memory, mortal, networks, new_session, numbers, overlay, pages, pauses, processors, proofs, rom, router, scenarios, screen, served, served_files, session_headers,
    shared_line, taking_away, terminal, two, usb, usb_classes, vcpus, waits,
)  # fmt: skip

LEVELS = (
    host, session_headers, pages, includes, numbers, bench, broken, damaged, processors, proofs, exits, scenarios, shared_line,
    front_door, debian_root, endings, debug_kernel, mortal, deaths, devices, hotplug, hostile, disks, linux_control, linux_disk, linux_move, linux_ram, networks, consoles, router, served, served_files, new_session, firmware, memory, overlay, waits, image, screen,
    terminal, linux, taking_away, pauses, idle, rom, two, usb, usb_classes, full, fuzz, bochs, crossing, vcpus, locks,
)  # fmt: skip
