/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * IO_MEM: physical ranges other than RAM: device registers, firmware tables. Server: core. A range
 * belongs to one session at a time; one session may claim ranges that overlap. Only ranges the
 * system description names (`io-memory`, or `hardware` for all) can be claimed.
 */
#ifndef SESSION_IO_MEM_H
#define SESSION_IO_MEM_H

#include "session.h"

/*
 * Words: physical address (page-aligned), pages, cache (PURLIN_MAP_UNCACHED, _WRITE_COMBINING or
 * _WRITE_BACK). Reply: word 0: id, capability 0: memory object with all rights but DESTROY.
 * NO_RIGHT: not named in the system description. BUSY: another session holds part of it, or it is
 * kept for the component with `hardware`: firmware's tables, and what that one held when it ended.
 * OVERLAP: RAM, memory that the kernel uses itself, or beyond what the processor can address.
 * BAD_ARGUMENT: not page-aligned, no pages, past the end of the address space, an unknown kind of
 * cache. NO_MEMORY: the component has 256 claims already (`hardware`: no limit).
 */
#define IO_MEM_CLAIM 1

/* Word 0: id. The memory object is destroyed. BAD_ARGUMENT: not claimed. */
#define IO_MEM_RELEASE 2

#endif
