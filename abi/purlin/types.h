/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The words every Purlin call is made of: integer types, errors, rights and
 * object types. Shared by kernel, user level and the Linux overlay; depends
 * on nothing but the compiler.
 */
#ifndef PURLIN_TYPES_H
#define PURLIN_TYPES_H

#ifndef __ASSEMBLER__
typedef __UINT8_TYPE__ purlin_u8;
typedef __UINT16_TYPE__ purlin_u16;
typedef __UINT32_TYPE__ purlin_u32;
typedef __UINT64_TYPE__ purlin_u64;
typedef __INT64_TYPE__ purlin_s64;
#endif

#define PURLIN_ABI_VERSION 2

#define PURLIN_PAGE_SHIFT 12
#define PURLIN_PAGE_SIZE 4096

/* Results of a call. Negative: nothing was changed. */
#define PURLIN_OK 0
#define PURLIN_SIGNALLED 1	   /* receive: the thread's bound signal fired, no message */
#define PURLIN_BAD_CALL (-1)	   /* no such call, or not allowed in this mode */
#define PURLIN_BAD_CAPABILITY (-2) /* slot empty, out of range, or of another object type */
#define PURLIN_NO_RIGHT (-3)	   /* the capability lacks a right the call needs */
#define PURLIN_BAD_ARGUMENT (-4)   /* a value out of range, misaligned or non-canonical */
#define PURLIN_NO_MEMORY (-5)	   /* the paying account has too few pages left */
#define PURLIN_SLOT_IN_USE (-6)	   /* the slot for the new capability is not empty */
#define PURLIN_BUSY (-7)	   /* the object is in a state that forbids the call */
#define PURLIN_DEAD (-8)	   /* the object, or the peer that should answer, is gone */
#define PURLIN_AGAIN (-9)	   /* nothing there now */
#define PURLIN_OVERLAP (-10)	   /* the range meets one that exists already */
#define PURLIN_NO_DEVICE (-11)	   /* no such interrupt line, vector, port or address */

/* Rights of a capability. What each means depends on the object's type. */
#define PURLIN_RIGHT_READ 0x01	   /* map readable, port in, receive, wait */
#define PURLIN_RIGHT_WRITE 0x02	   /* map writable, port out, call, notify */
#define PURLIN_RIGHT_EXECUTE 0x04  /* map executable */
#define PURLIN_RIGHT_CONTROL 0x08  /* configure, bind, start, stop, populate */
#define PURLIN_RIGHT_DESTROY 0x10  /* destroy the object */
#define PURLIN_RIGHT_PHYSICAL 0x20 /* learn physical addresses, pin */
#define PURLIN_RIGHT_ALL 0x3f

/* Object types. */
#define PURLIN_TYPE_NONE 0
#define PURLIN_TYPE_ACCOUNT 1
#define PURLIN_TYPE_PD 2
#define PURLIN_TYPE_THREAD 3
#define PURLIN_TYPE_VCPU 4
#define PURLIN_TYPE_ENDPOINT 5
#define PURLIN_TYPE_SIGNAL 6
#define PURLIN_TYPE_MEMORY 7
#define PURLIN_TYPE_IRQ 8
#define PURLIN_TYPE_IO_PORT 9
#define PURLIN_TYPE_TIMER 10
#define PURLIN_TYPE_SPACE 11
#define PURLIN_TYPE_IRQ_ROOT 12	     /* may create interrupts */
#define PURLIN_TYPE_PHYSICAL_ROOT 13 /* may create memory objects of I/O memory */
#define PURLIN_TYPE_LOG 14
#define PURLIN_TYPE_COUNT 15

/* Rights and attributes of a mapping (memory_map, guest_map, batch entries). */
#define PURLIN_MAP_READ 0x01
#define PURLIN_MAP_WRITE 0x02
#define PURLIN_MAP_EXECUTE 0x04
/*
 * Two bits: 0 as the memory object says, else one of these. RAM and other write-back objects are
 * write-back in every mapping, I/O memory never is.
 */
#define PURLIN_MAP_CACHE_SHIFT 4
#define PURLIN_MAP_WRITE_COMBINING (1 << PURLIN_MAP_CACHE_SHIFT)
#define PURLIN_MAP_UNCACHED (2 << PURLIN_MAP_CACHE_SHIFT)
#define PURLIN_MAP_WRITE_BACK (3 << PURLIN_MAP_CACHE_SHIFT)
#define PURLIN_MAP_VALID 0x37
/*
 * memory_map only, not with EXECUTE. The mapping outlives its memory: when somebody destroys that,
 * all pages of the mapping become one page of the PD's own, zeroed at first. For servers that use
 * memory of clients they do not trust.
 */
#define PURLIN_MAP_KEPT 0x08

/* memory_create flags. */
#define PURLIN_MEMORY_CONTIGUOUS 0x1 /* physically contiguous, 2 MiB aligned from 2 MiB on */
#define PURLIN_MEMORY_BELOW_4G 0x2   /* all pages below 4 GiB (32-bit DMA) */

/* irq_create_gsi flags (ACPI 6.5, 5.2.12.5: polarity and trigger). */
#define PURLIN_IRQ_LEVEL 0x1
#define PURLIN_IRQ_ACTIVE_LOW 0x2
#define PURLIN_IRQ_UNACKED 0x100 /* irq_info: delivered, and the owner has not acked it yet */

/* pd_create flags. */
#define PURLIN_PD_GUEST 0x1 /* holds vCPUs: a kernel half and many spaces */
#define PURLIN_PD_PINS 0x2  /* may pin and unpin memory: it decides what devices reach */

#define PURLIN_PROCESSORS_OWN (~0ull) /* pd_create: all that the caller's PD has */

#define PURLIN_STATUS_PROCESSORS 3 /* pd_status: message word with the set of processors */

#define PURLIN_PRIORITIES 64 /* 0 lowest, 63 highest */

/* pd_status: why a guest was stopped (state 3). */
#define PURLIN_STOP_DOUBLE_FAULT 1 /* exception in the critical range, or before vcpu_configure */
#define PURLIN_STOP_BAD_BATCH 2	   /* address = index of the entry */
#define PURLIN_STOP_MACHINE_CHECK 3
#define PURLIN_STOP_NO_MEMORY \
	4 /* the account cannot even hold the tables of one batch entry; address = its index */
#define PURLIN_STOP_RETURN 5 /* the processor refused to return to it; address = its RIP */

/* vcpu_status: what a vCPU does. */
#define PURLIN_VCPU_IS_NEW 0
#define PURLIN_VCPU_IS_WAITING 1 /* for an event */
#define PURLIN_VCPU_IS_READY 2	 /* it runs, or would if others did not */
#define PURLIN_VCPU_IS_AWAY 3	 /* it waits for a server, or has stopped */

/* Trace categories (trace_mask). */
#define PURLIN_TRACE_CALL 0x01	   /* refused calls: caller, call, argument, reason */
#define PURLIN_TRACE_SCHEDULE 0x02 /* context switches */
#define PURLIN_TRACE_IPC 0x04
#define PURLIN_TRACE_IRQ 0x08
#define PURLIN_TRACE_MEMORY 0x10 /* mappings, shoot-downs */
#define PURLIN_TRACE_GUEST 0x20	 /* upcalls, resumes, batches */
#define PURLIN_TRACE_FAULT 0x40
#define PURLIN_TRACE_OBJECT 0x80 /* creation and destruction */

/* Counters (trace_counter): of all processors, from the start on, but for the two that say more. */
#define PURLIN_COUNTER_CALLS 0
#define PURLIN_COUNTER_EXCEPTIONS 1
#define PURLIN_COUNTER_INTERRUPTS 2
#define PURLIN_COUNTER_SWITCHES 3
#define PURLIN_COUNTER_SHOOTDOWNS 4
#define PURLIN_COUNTER_FREE_PAGES 5   /* now */
#define PURLIN_COUNTER_UPCALLS_SLOW 6 /* those that the direct switch did not make */
#define PURLIN_COUNTER_BATCHES 7
#define PURLIN_COUNTER_BATCH_ENTRIES 8
#define PURLIN_COUNTER_LOG_UNSENT \
	9 /* bytes of the log that the UART has not taken; 0 if a component has it */
#define PURLIN_COUNTERS 10

#endif
