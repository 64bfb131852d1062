# SPDX-License-Identifier: MIT
# Clients of a Linux that serves disks.

$(eval $(call component,served-vandal,tests/components/served/vandal.c tests/components/device-sessions/disk.c tests/components/check.c,,))
