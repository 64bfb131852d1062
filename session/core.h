/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * What passes between init and core beyond session/parent.h. init opens core's
 * services (session/services.h) with PARENT_OPEN: the label names the
 * component the session is for; words 6.. hold what the system description grants it, as
 * below. Word 0 of the reply is the badge, for SERVER_CLOSE. PARENT_EXIT by init ends the
 * machine's run.
 */
#ifndef SESSION_CORE_H
#define SESSION_CORE_H

#include "session.h"

/*
 * DMA: word 6: CORE_GRANT_*. IO_MEM, IO_PORT, IRQ: word 6: the same; word 7: number of ranges; word
 * 8: the processors that may take messages, one bit each; then first and count of each range.
 * Ranges count pages, ports or lines.
 */
#define CORE_GRANT_ALL 0x1 /* everything, message-signalled interrupts included */
#define CORE_GRANT_RANGES 25

/* RAM: capability 0: the account that pays, one for all RAM sessions of a component. */

#endif
