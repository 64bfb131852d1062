/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The contract between the kernel and a guest (a Linux kernel without privileges): what is the same
 * on every architecture. Registers, addresses and page-table entries: purlin/arch/vcpu.h, which
 * the build finds in the folder of the architecture.
 *
 * A guest PD has guest-physical memory (guest_attach), a kernel half shared
 * by all its spaces (virtual addresses from PURLIN_GUEST_KERNEL_BASE up,
 * seen only by the guest kernel), and spaces, each with a lower half of its
 * own, for the guest's processes. A vCPU runs in one of two modes:
 *
 *   guest kernel mode: both halves mapped, lower half never executable; it makes kernel calls;
 *   guest user mode: only the lower half; its system calls go to entry_syscall and
 *     every exception and event to entry_event.
 *
 * Upcalls. The kernel stores what changes hands in the frame of the state page and enters the
 * guest kernel; events_enabled is then 0. The guest copies the frame before it can cause
 * another upcall.
 *
 * Resumes. The guest puts into the frame what the kernel is to load, and makes one of the calls
 * vcpu_resume_*. A resume first applies the batch. If an event is
 * pending and may be taken, the upcall comes at once with the frame just given.
 *
 * Events. Bits of signals bound to the vCPU (signal_bind_vcpu names the word)
 * and the timer (word 0, bit 0) are or-ed into pending[], then bits of
 * pending_words, then events_pending is set to 1 (each with a locked or release
 * store). Vector PURLIN_VECTOR_EVENT comes when events_pending is 1 and the
 * vCPU is in user mode or has events_enabled 1. The guest clears
 * events_pending, exchanges pending_words and the pending[] words named there
 * with 0, in that order, and handles what it got. local_irq_enable is: set
 * events_enabled, then if events_pending is set handle events oneself.
 */
#ifndef PURLIN_VCPU_H
#define PURLIN_VCPU_H

#include "message.h"
#include "purlin/arch/layout.h"
#include "purlin/arch/vcpu.h"
#include "types.h"

#define PURLIN_EVENT_WORDS 4
#define PURLIN_EVENT_TIMER 0 /* word 0, bit 0 */
/* An alert that comes in the critical range waits; the kernel looks again after so long. */
#define PURLIN_ALERT_AGAIN_US 50

/* Offsets of the state page, for assembly. Asserted below. */
#define PURLIN_VCPU_EVENTS_ENABLED 0x00
#define PURLIN_VCPU_EVENTS_PENDING 0x01
#define PURLIN_VCPU_ALERT_PENDING 0x02
#define PURLIN_VCPU_ALERT_MASKED 0x03
#define PURLIN_VCPU_BATCH_COUNT 0x04

/*
 * Batch entries: changes of mappings, noted by the guest and applied in order
 * by vcpu_apply and by every resume. Word 0: virtual page address in bits
 * 63..12, number of pages less one in bits 11..4 (MAP and TABLE only), operation in
 * bits 3..0. Word 1 depends on the operation.
 *
 * A range that crosses from one half into another, a guest-physical page not
 * attached, a right the attachment lacks, an unknown operation: the batch stops
 * there and the component is stopped with a report (a guest kernel that hands
 * over nonsense is broken). Kernel-half addresses need no space. Running out
 * of the account while mapping drops mappings of this guest's spaces instead:
 * the kernel may drop any lower-half mapping at any time. When nothing is left
 * to drop and the entry still does not fit, the component is stopped.
 */
#define PURLIN_BATCH_SPACE 1	     /* word 1: slot of the space the next entries speak of */
#define PURLIN_BATCH_MAP 2	     /* word 1: guest-physical address | PURLIN_MAP_* */
#define PURLIN_BATCH_UNMAP 3	     /* word 1: number of pages */
#define PURLIN_BATCH_WRITE_PROTECT 4 /* word 1: number of pages; rights to write are taken away */
#define PURLIN_BATCH_TABLE 5	     /* word 1: guest-physical address of the first entry */
#define PURLIN_BATCH_LARGE 6	     /* word 1: guest-physical address of the entry */
#define PURLIN_BATCH_ENTRIES 256

/*
 * TABLE: follow the guest's own page table: `pages` entries in one page of attached memory, as
 * PURLIN_ENTRY_* (purlin/arch/vcpu.h) describes them. They are read when the batch is applied.
 *
 * LARGE: the same with one entry a level above, of a process: it maps all of a large page
 * (PURLIN_LARGE_PAGES pages, the address is that of the first) if PURLIN_ENTRY_LARGE is set, else
 * the range is unmapped. The kernel maps small pages instead where its own large page would not do:
 * if the memory behind is not contiguous and aligned, or if it may be executed. A later entry of
 * another kind about a part of the range may take the rest away, too.
 */
#define PURLIN_LARGE_PAGES 512

#ifndef __ASSEMBLER__
struct purlin_batch_entry {
	purlin_u64 word0;
	purlin_u64 word1;
};

/*
 * One for each vCPU: two pages of the guest's own memory, physically
 * contiguous, page-aligned, registered with vcpu_configure. The kernel
 * trusts nothing in it. Written by the guest only: events_enabled (kernel,
 * too, on upcall and resume), alert_masked (kernel, too, on an alert), batch*, deadline,
 * critical_*, number. Written by the kernel: pending*, alert_pending, frame on upcalls, running,
 * steal, stopped.
 */
struct purlin_vcpu_state {
	/* Each 0 or 1. Alerts (vcpu_alert) come whether events are enabled or not. */
	purlin_u8 events_enabled;
	purlin_u8 events_pending;
	purlin_u8 alert_pending;
	purlin_u8 alert_masked; /* set with each alert: none comes before the guest clears it */
	/* Number of valid entries of batch[]; the kernel sets it to 0. At the
	 * start of each batch the space is the vCPU's current one. */
	purlin_u32 batch_count;
	struct purlin_vcpu_frame frame;
	purlin_u64 pending_words;
	purlin_u64 pending[PURLIN_EVENT_WORDS];
	/* TSC value at which the timer event is due; ~0 for never. After
	 * writing an earlier one than `armed`, call vcpu_deadline. */
	purlin_u64 deadline;
	/* Written by the kernel: it looks at `deadline` then. Only by vcpu_deadline and
	 * when the event is raised, so the guest starts it with ~0. */
	purlin_u64 armed;
	/* RIP in [start, end): the frame is in use (purlin/arch/vcpu.h). Equal: no such range. */
	purlin_u64 critical_start;
	purlin_u64 critical_end;
	/* What the processor tells programs as its number while it runs this vCPU (x86-64: TSC_AUX,
	 * by RDTSCP and RDPID). Read by vcpu_configure, and when the vCPU gets a processor. */
	purlin_u32 number;
	purlin_u32 running; /* 1: it has a processor; 0: it waits, is ready, or was stopped */
	purlin_u64 steal;   /* nanoseconds for which it was ready, without a processor */
	/* TSC ticks for which the machine stood still, as when its host stops it: the kernel's own
	 * timer came so much later than it was armed for. Under half a second is not counted. */
	purlin_u64 stopped;
	purlin_u8 reserved1[0x200 - 0xb0];
	struct purlin_message message;
	purlin_u8 reserved2[0x1000 - 0x400];
	struct purlin_batch_entry batch[PURLIN_BATCH_ENTRIES];
};
#define PURLIN_VCPU_ASSERT(field, offset)                                               \
	_Static_assert(__builtin_offsetof(struct purlin_vcpu_state, field) == (offset), \
		       "ABI: " #field)
PURLIN_VCPU_ASSERT(events_enabled, PURLIN_VCPU_EVENTS_ENABLED);
PURLIN_VCPU_ASSERT(events_pending, PURLIN_VCPU_EVENTS_PENDING);
PURLIN_VCPU_ASSERT(alert_pending, PURLIN_VCPU_ALERT_PENDING);
PURLIN_VCPU_ASSERT(alert_masked, PURLIN_VCPU_ALERT_MASKED);
PURLIN_VCPU_ASSERT(batch_count, PURLIN_VCPU_BATCH_COUNT);
PURLIN_VCPU_ASSERT(frame, PURLIN_VCPU_FRAME);
PURLIN_VCPU_ASSERT(message, 0x200);
PURLIN_VCPU_ASSERT(batch, 0x1000);
_Static_assert(sizeof(struct purlin_vcpu_state) == 0x2000, "ABI: state pages");
#endif

#endif
