/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * DMA: memory that devices may reach. Server: core. Client: the platform component, and nobody else
 * (`hardware` in the system description; others are refused: NO_RIGHT).
 *
 * Pages that a device may reach must not be reused, even if their owner or the platform component
 * dies. So core holds the pins. They end with DMA_UNPIN or with the session, and init closes the
 * sessions of a platform component that has died only after its successor has announced itself: by
 * then all devices are silent (session/parent.h).
 */
#ifndef SESSION_DMA_H
#define SESSION_DMA_H

#include "session.h"

/*
 * Capability 0: a memory object, with PHYSICAL. Reply: word 0 id, word 1 physical address of its
 * first byte, or ~0: not contiguous, word 2 its pages, word 3 the capability's rights.
 * BAD_CAPABILITY: none, or not of memory. NO_RIGHT: without PHYSICAL. DEAD: the object has been
 * destroyed. NO_MEMORY: no room to record it.
 */
#define DMA_PIN 1

/* Word 0: id. No device reaches the pages any more. BAD_ARGUMENT: no such id. */
#define DMA_UNPIN 2

#endif
