/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Parent: what every component can ask of the one that started it (slot
 * PURLIN_SLOT_PARENT). init answers; guests use it, too.
 */
#ifndef SESSION_PARENT_H
#define SESSION_PARENT_H

#include "session.h"

#define PARENT_SERVICE_BYTES 16
#define PARENT_LABEL_BYTES 32

/*
 * Open a session. Words 0..1: service name ("PCI", "Terminal", ...); words 2..5: label, chosen by
 * the caller to tell its sessions apart; words 6..: arguments of the service. Reply: one
 * capability, the session's endpoint. Errors: BAD_ARGUMENT (a label of more than 15 characters, or
 * names that are not printable ASCII), NO_MEMORY (too many sessions), NO_RIGHT (no route in the
 * system description), DEAD (server not running, or it does not answer), BAD_CAPABILITY (the server
 * gave none), or what the server said. A client that asks before its server is ready waits for it.
 */
#define PARENT_OPEN 1

/*
 * The component ends. Word 0: PARENT_EXIT_*, any other number counts as PARENT_EXIT_PANIC; word 1:
 * value. The system description decides what follows. The caller is stopped; no reply.
 */
#define PARENT_EXIT 2
#define PARENT_EXIT_DONE 0
#define PARENT_EXIT_POWER_OFF 1
#define PARENT_EXIT_RESTART 2
#define PARENT_EXIT_PANIC 3

/*
 * Announce that a server is ready. Capability 0: endpoint at which init opens sessions. Word 0..1:
 * service. BAD_CAPABILITY: no endpoint came, or one that cannot be called. BAD_ARGUMENT: a name
 * that is not printable ASCII. NO_RIGHT: the system description does not say that it provides the
 * service. BUSY: announced already. From a component with `hardware` it also means that all devices
 * are silent. The DMA and IRQ sessions of its earlier life, which its devices may have used until
 * now, are closed only then.
 */
#define PARENT_ANNOUNCE 3

/*
 * Watch for servers that end. Capability 0: a signal (WRITE), notified when the server of one of
 * the component's sessions has ended and is there again, or will not come back; it replaces an
 * earlier one. To find out which session it was, and which of the two has happened, open the
 * sessions again (PARENT_OPEN). BAD_CAPABILITY: no signal came. NO_RIGHT: a signal without WRITE.
 */
#define PARENT_WATCH 4

/*
 * What a server is to serve, according to the system description (`serves`). Word 0: index, from 0
 * on. Reply: words 0..15: a text of at most 127 characters. NO_DEVICE: there are no more.
 */
#define PARENT_SERVES 5
#define PARENT_SERVES_BYTES 128

/*
 * Memory that outlives the component, of the size that the system description says (`kept`): the
 * same in each of its lives, and zeroed before the first. Reply: word 0: pages; capability 0: the
 * memory object (READ, WRITE). NO_DEVICE: the description gives none.
 */
#define PARENT_KEPT 6

/*
 * How much RAM a Linux is to have now beyond that which it was started with, if its description has
 * `memory-most`; it takes that and gives it back by a RAM session (session/ram.h). Capability 0, if
 * there is one: a signal (WRITE), notified when the answer has changed; it replaces an earlier one.
 * Reply: word 0: bytes, a multiple of word 1, the step in which it is to do so. Where it has more,
 * it gives back what it can and asks again; others may wait for it. NO_DEVICE: the description has
 * no `memory-most`. BAD_CAPABILITY: no signal came. NO_RIGHT: a signal without WRITE.
 */
#define PARENT_RAM 7

/* init to a server, at the announced endpoint: words 0..3 label, words 4..: arguments. Reply: one
 * capability. */
#define SERVER_OPEN 0x100
/* init to a server: word 0: badge told in the reply to SERVER_OPEN (word 0). */
#define SERVER_CLOSE 0x101
/*
 * init to a server, before the machine's run ends: finish what is under way (output), then reply.
 * BAD_CALL: the server has nothing to finish.
 */
#define SERVER_FLUSH 0x102

#endif
