/* SPDX-License-Identifier: MIT */
/*
 * Interrupt lines that devices of several sessions may assert. The platform has the interrupt; each
 * session has a soft one in its place, and need not know. When the line comes, the functions that
 * assert it say so (Interrupt Status) and are masked (INTx Disable, PCI 2.3), their owners are
 * told, and the line is open again at once: an owner that never acks has silenced its own device.
 *
 * A function without these bits may be the reason when no other is. Then its owner is told, and the
 * line waits for the ack, but not for ever: after SHARED_LINE_WAIT the device is taken away.
 */
#ifndef PLATFORM_SHARED_LINE_H
#define PLATFORM_SHARED_LINE_H

#include "pci_state.h"

#define SHARED_LINES 24 /* different GSIs */

/* In a stretch of 10 ms; what a device asserts more often waits for the next one. */
#define SHARED_LINE_BUDGET 100
#define SHARED_LINE_STRETCH 10000000ull /* ns */
#define SHARED_LINE_WAIT 100000000ull	/* for the ack of a function that cannot be masked */
/* Interrupts in succession for which no function is the reason. Then the line rests for a stretch.
 */
#define SHARED_LINE_UNCLAIMED 64

/* Bits of the signal that resource.h watches with. */
#define SHARED_LINE_CAME(index) (1ull << (index))
#define SHARED_LINE_ACKED(index) (1ull << (32 + (index)))

/* Might a device of somebody else assert this line, now or later? */
bool shared_line_wanted(const struct pci_server *server, const struct pci_session *session,
			uint32_t gsi);

/* Make the session's own interrupt for line->route, in line->resource. */
purlin_s64 shared_line_join(struct pci_server *server, struct line *line);
/* The session, whose devices are silent, leaves the line. */
void shared_line_leave(struct line *line);

/* Handle what the bits of the signal stand for. */
void shared_lines_note(struct pci_server *server, uint64_t bits);

/*
 * Do what is due. Returns the hardware_time_ns() at which there is something to do next; ~0:
 * nothing is left.
 */
uint64_t shared_lines_due(struct pci_server *server);

#endif
