/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * IO_PORT: ranges of x86 I/O ports. Server: core. A port belongs to one session at a time; one
 * session may claim ranges that overlap. Only ranges the system description names (`io-ports`, or
 * `hardware` for all) can be claimed.
 */
#ifndef SESSION_IO_PORT_H
#define SESSION_IO_PORT_H

#include "session.h"

/*
 * Words: first port, count. Reply: word 0: id, capability 0: I/O port range with all rights but
 * DESTROY. NO_RIGHT: not named in the system description. BUSY: another session holds part of it,
 * or it is kept for the component with `hardware`, which held it when it ended. OVERLAP: ports that
 * the kernel uses itself. BAD_ARGUMENT: no ports, or past the last one. NO_MEMORY: the component
 * has 256 claims already (`hardware`: no limit).
 */
#define IO_PORT_CLAIM 1

/* Word 0: id. The range object is destroyed. BAD_ARGUMENT: not claimed. */
#define IO_PORT_RELEASE 2

#endif
