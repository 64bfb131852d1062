# SPDX-License-Identifier: MIT
# Fuzz targets of the kernel.

FUZZ_SAYS_pages := the page allocator beside a list of what was handed out
$(eval $(call fuzz_target,pages,tests/fuzz/kernel/pages.c kernel/core/pages.c,-Ikernel -Ikernel/arch/host))
