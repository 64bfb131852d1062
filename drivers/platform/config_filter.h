/* SPDX-License-Identifier: MIT */
/*
 * What a client sees of a function's configuration space, and what its writes do.
 *
 * The rule is: the real value, read-only. Exceptions are kept one per 32-bit register:
 * bits the client reads from a copy, bits of the copy it may change, bits its
 * writes carry to the hardware, and bits it may clear by writing one. The
 * filter writes nothing else to the hardware; what a write to the command, MSI,
 * MSI-X or reset bits means is told to the caller, who acts on it.
 */
#ifndef PLATFORM_CONFIG_FILTER_H
#define PLATFORM_CONFIG_FILTER_H

#include "pci_tree.h"

#define CONFIG_REGISTERS 128

struct config_register {
	uint16_t offset;
	uint32_t virtual_bits;
	uint32_t value;		/* of virtual_bits */
	uint32_t write_virtual; /* part of virtual_bits */
	uint32_t write_real;	/* apart from virtual_bits */
	uint32_t clear_real;	/* write one to clear, apart from virtual_bits */
	uint32_t zero_real;	/* always written as zero */
};

struct config_filter {
	struct pci_function *function;
	unsigned int messages; /* of MSI that the client may use: a power of two */
	unsigned int count;
	struct config_register registers[CONFIG_REGISTERS];
};

/* What a write asked for beside the copy: bits. */
#define CONFIG_COMMAND 0x1
#define CONFIG_MSI 0x2
#define CONFIG_MSIX 0x4
#define CONFIG_RESET 0x8
#define CONFIG_ROM 0x10
#define CONFIG_POWER 0x20

/*
 * multifunction: the client sees more functions at this device number; interrupt: the
 * function's INTx is routed; msix: the client may use MSI-X; messages: so many of MSI.
 */
void config_filter_start(struct config_filter *filter, struct pci_function *function,
			 bool multifunction, bool interrupt, bool msix, unsigned int messages);

/* Size 1, 2 or 4; offset aligned to it and below 4096. */
uint32_t config_filter_read(const struct config_filter *filter, unsigned int offset,
			    unsigned int size);
unsigned int config_filter_write(struct config_filter *filter, unsigned int offset,
				 unsigned int size, uint32_t value);

/* The client's idea of a register with virtual bits: what it asked for. */
uint32_t config_filter_wish(const struct config_filter *filter, unsigned int offset,
			    unsigned int size);

/* After a reset: the client's wishes are those of a function after power-on. */
void config_filter_reset(struct config_filter *filter);

#endif
