/* SPDX-License-Identifier: MIT */
/*
 * Included first in every file by the build: whatever is declared lies in the
 * kernel itself, so position-independent code reaches it without a table.
 */
#ifndef __ASSEMBLER__
#pragma GCC visibility push(hidden)
#endif
