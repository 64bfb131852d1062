/* SPDX-License-Identifier: MIT */
/* Registers and formats of AMD's IOMMU (48882, chapters 2 and 3). */
#ifndef PLATFORM_AMD_REGISTERS_H
#define PLATFORM_AMD_REGISTERS_H

#define AMD_REGISTER_BYTES 0x4000
#define AMD_DEVICES 0x0000
#define AMD_QUEUE 0x0008
#define AMD_EVENTS 0x0010
#define AMD_CONTROL 0x0018
#define AMD_EXCLUSION 0x0020
#define AMD_EXCLUSION_LIMIT 0x0028
#define AMD_FEATURES 0x0030
#define AMD_QUEUE_HEAD 0x2000
#define AMD_QUEUE_TAIL 0x2008
#define AMD_EVENTS_HEAD 0x2010
#define AMD_EVENTS_TAIL 0x2018
#define AMD_STATUS 0x2020

/* The capability of its PCI function. */
#define AMD_CAPABILITY 0x0f
#define AMD_CAPABILITY_IOMMU 3 /* bits 16 to 18 */
#define AMD_CAPABILITY_CACHES_ABSENT 26
#define AMD_CAPABILITY_FEATURES 27

#define AMD_FEATURE_FLUSH_ALL 0x40ull

#define AMD_TRANSLATE 0x0001ull
#define AMD_LOG 0x0004ull
#define AMD_LOG_INTERRUPT 0x0008ull
#define AMD_COHERENT 0x0400ull
#define AMD_COMMANDS 0x1000ull

/* Of firmware's flags for a unit, and where they are in the control register. */
#define AMD_FLAG_TUNNEL 0x01u
#define AMD_FLAG_PASS 0x02u
#define AMD_FLAG_RESPONSE_PASS 0x04u
#define AMD_FLAG_ISOCHRONOUS 0x08u
#define AMD_TUNNEL 0x0002ull
#define AMD_PASS 0x0100ull
#define AMD_RESPONSE_PASS 0x0200ull
#define AMD_ISOCHRONOUS 0x0800ull

#define AMD_STATUS_OVERFLOW 0x01ull
#define AMD_STATUS_EVENT 0x02ull
#define AMD_STATUS_LOG_RUNS 0x08ull
#define AMD_STATUS_QUEUE_RUNS 0x10ull
#define AMD_STATUS_CLEAR 0x67ull /* write one to clear */

#define AMD_BUFFER_ENTRIES 256u	       /* of queue and log: a page */
#define AMD_BUFFER_SIZE (0x8ull << 56) /* their logarithm */
#define AMD_COMMAND(code) ((uint64_t)(code) << 60)
#define AMD_COMMAND_WAIT 0x1
#define AMD_COMMAND_DEVICE 0x2
#define AMD_COMMAND_PAGES 0x3
#define AMD_COMMAND_MESSAGES 0x5
#define AMD_COMMAND_ALL 0x8
#define AMD_WAIT_STORE 0x1ull
#define AMD_PAGES_ALL 0x7ffffffffffff003ull /* every page, and the tables that lead there */

/* An entry of the device table has four words. */
#define AMD_DEVICE_WORDS 4
#define AMD_DEVICE_VALID 0x3ull /* it counts, and so does what it says of memory */
#define AMD_DEVICE_LEVELS 9
#define AMD_DEVICE_READ (1ull << 61)
#define AMD_DEVICE_WRITE (1ull << 62)
#define AMD_DEVICE_QUIET (1ull << 34) /* second word: no reports of what is stopped */
#define AMD_DEVICE_MANAGEMENT 36      /* second word: shift of firmware's flags */
#define AMD_DEVICE_MESSAGES 0x1ull    /* third word: it counts */
#define AMD_DEVICE_MESSAGES_LOG 1     /* their number */
#define AMD_DEVICE_MESSAGES_QUIET 0x20ull
#define AMD_DEVICE_MESSAGES_REMAP (2ull << 60)

/* Entries of a table of messages: as many as messages of the two modes that are remapped name. */
#define AMD_MESSAGES_LOG 9ull

/* Page tables: what is present, may be read and written, and is kept coherent. */
#define AMD_PAGE_PRESENT 0x1ull
#define AMD_PAGE_LEVEL 0x200ull
#define AMD_PAGE_LEVELS 0xe00ull
#define AMD_PAGE_COHERENT (1ull << 60)
#define AMD_PAGE_READ (1ull << 61)
#define AMD_PAGE_WRITE (1ull << 62)

#endif
