/* SPDX-License-Identifier: MIT */
/* Registers and formats of VT-d (4.1, chapters 6, 9 and 11). */
#ifndef PLATFORM_VTD_REGISTERS_H
#define PLATFORM_VTD_REGISTERS_H

#define VTD_CAPABILITIES 0x08
#define VTD_EXTENDED 0x10
#define VTD_COMMAND 0x18
#define VTD_STATUS 0x1c
#define VTD_ROOT 0x20
#define VTD_FAULT_STATUS 0x34
#define VTD_FAULT_CONTROL 0x38
#define VTD_FAULT_DATA 0x3c
#define VTD_FAULT_ADDRESS 0x40
#define VTD_FAULT_ADDRESS_HIGH 0x44
#define VTD_PROTECTED 0x64
#define VTD_QUEUE_HEAD 0x80
#define VTD_QUEUE_TAIL 0x88
#define VTD_QUEUE 0x90
#define VTD_INTERRUPTS 0xb8

/* Commands, and their bits in the status. */
#define VTD_TRANSLATE 0x80000000u
#define VTD_SET_ROOT 0x40000000u
#define VTD_FLUSH_WRITES 0x08000000u
#define VTD_QUEUED 0x04000000u
#define VTD_REMAP 0x02000000u
#define VTD_SET_INTERRUPTS 0x01000000u
#define VTD_COMPATIBLE 0x00800000u
#define VTD_ONE_SHOT (VTD_SET_ROOT | VTD_FLUSH_WRITES | VTD_SET_INTERRUPTS | 0x30000000u)

#define VTD_FAULT_OVERFLOW 0x01u
#define VTD_FAULT_PENDING 0x02u
#define VTD_QUEUE_ERRORS 0x70u
#define VTD_FAULT_MASKED 0x80000000u

#define VTD_PROTECTING 0x00000001u

/* Commands of the queue: the low word's bits. */
#define VTD_QUEUE_CONTEXT 0x1ull
#define VTD_QUEUE_TRANSLATIONS 0x2ull
#define VTD_QUEUE_REMAPPINGS 0x4ull
#define VTD_QUEUE_WAIT 0x5ull
#define VTD_ALL 0x10ull	   /* granularity of the first three */
#define VTD_DOMAIN 0x20ull /* of the first two */
#define VTD_DEVICE 0x30ull /* of the first */
#define VTD_DRAIN 0xc0ull  /* reads and writes, of the second */
#define VTD_WAIT_WRITES 0x20ull
#define VTD_WAIT_ORDER 0x40ull

#define VTD_PRESENT 0x1ull
#define VTD_FAULTS_OFF 0x2ull /* of a context */
#define VTD_SNOOPED 0x800ull  /* of an entry that leads to memory */

#endif
