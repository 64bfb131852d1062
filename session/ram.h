/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * RAM: memory objects out of a quota of their own, beside the component's account.
 * Server: core. The quota is that of the system description (`ram-quota`), for all RAM sessions
 * of a component together. When the session closes all its memory vanishes, wherever it is mapped.
 */
#ifndef SESSION_RAM_H
#define SESSION_RAM_H

#include "session.h"

/*
 * Words: pages, PURLIN_MEMORY_* flags. Reply: word 0: id, capability 0: memory
 * object with all rights but DESTROY. NO_MEMORY: quota used up, nothing contiguous
 * of that size, or too many objects. BAD_ARGUMENT: no pages, unknown flags.
 */
#define RAM_ALLOCATE 1

/* Word 0: id. BAD_ARGUMENT: not allocated. */
#define RAM_FREE 2

/* Reply: word 0: quota, word 1: used, both in pages. */
#define RAM_INFO 3

#endif
