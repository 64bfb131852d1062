#!/bin/sh
# SPDX-License-Identifier: MIT
# After all that: nothing in the kernel's log that a healthy kernel does not say.
if dmesg | grep -E 'WARNING:|BUG:|Oops|Call Trace|rcu.*detected.*stall|hung_task|Bad page|Bad rss-counter|scheduling while atomic|general protection.*in vmlinux|unexpected IRQ|nobody cared'; then
	exit 1
fi
echo "clean"
