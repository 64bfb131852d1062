/* SPDX-License-Identifier: MIT */
/* QEMU's educational PCI device (docs/specs/edu.txt there), through a PCI session. */
#ifndef TESTS_EDU_EDU_H
#define TESTS_EDU_EDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "purlin/types.h"

#define EDU_ID 0x11e81234u /* device, vendor */

#define EDU_IDENTIFICATION 0x00
#define EDU_INVERSION 0x04
#define EDU_FACTORIAL 0x08
#define EDU_STATUS 0x20
#define EDU_STATUS_BUSY 0x01u
#define EDU_STATUS_INTERRUPT 0x80u
#define EDU_INTERRUPT_STATUS 0x24
#define EDU_RAISE 0x60
#define EDU_ACKNOWLEDGE 0x64
#define EDU_DMA_SOURCE 0x80
#define EDU_DMA_DESTINATION 0x88
#define EDU_DMA_COUNT 0x90
#define EDU_DMA_COMMAND 0x98
#define EDU_DMA_START 0x1u
#define EDU_DMA_TO_MEMORY 0x2u
#define EDU_DMA_INTERRUPT 0x4u
#define EDU_BUFFER 0x40000u
/* A transfer must end before the last byte of the 4096 (the check there is off by one). */
#define EDU_BUFFER_BYTES 4096
#define EDU_TRANSFER_BYTES 4080

#define EDU_CAUSE_FACTORIAL 0x1u
#define EDU_CAUSE_DMA 0x100u

struct edu {
	purlin_u64 session;
	purlin_u64 bdf;
	volatile char *registers;
	purlin_u64 signal; /* bit 0: the interrupt, bit 1: too late */
	purlin_u64 timer;
	purlin_u64 irq;	       /* 0: none */
	purlin_u64 interrupts; /* since edu_bind */
	unsigned char *memory; /* what DMA reaches: two buffers */
	purlin_u64 memory_slot;
	purlin_u64 bus_address; /* of memory */
};

uint32_t edu_read(const struct edu *edu, unsigned int offset);
void edu_write(const struct edu *edu, unsigned int offset, uint32_t value);

/* Take interrupts from this one from now on. */
purlin_s64 edu_bind(struct edu *edu, purlin_u64 irq);

/*
 * Wait for an interrupt, acknowledge it at the device and then at the kernel. Returns the causes
 * the device told, 0 when none came within the time.
 */
uint32_t edu_wait(struct edu *edu, unsigned int milliseconds);

/* Start a transfer between memory + offset and the device's buffer; an interrupt tells the end. */
void edu_transfer(struct edu *edu, size_t offset, size_t bytes, bool to_memory);

#endif
