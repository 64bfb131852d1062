/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_IRQ_H
#define _ASM_PURLIN_IRQ_H

#define NR_IRQS 512
#define NR_IRQS_LEGACY 0

/* Linux interrupt number of an event number; 0 if there is none yet. */
unsigned int purlin_event_irq(unsigned int event);
/* The event is one of another domain's interrupts; 0: no longer. */
void purlin_event_pass_to(unsigned int event, unsigned int irq);
/* A free event number from 16 up, or -ENOSPC; and back. */
int purlin_event_alloc(void);
void purlin_event_free(unsigned int event);

struct pt_regs;
void purlin_handle_events(struct pt_regs *regs);

#include <asm-generic/irq.h>

#endif
