/* SPDX-License-Identifier: MIT */
/* What tests of both makes of IOMMU share: a machine, and sessions that lend memory to devices. */
#ifndef TESTS_PLATFORM_IOMMU_SUPPORT_H
#define TESTS_PLATFORM_IOMMU_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/platform/dma_translated.h"
#include "drivers/platform/pci_config.h"
#include "drivers/platform/pci_faults.h"
#include "drivers/platform/pci_registers.h"
#include "drivers/platform/pci_requests.h"
#include "fake_core.h"
#include "fake_pci.h"
#include "fake_server.h"
#include "fake_tables.h"
#include "session/pci.h"

#define NIC PCI_BDF(0, 4, 0)   /* unit 0 */
#define DISK PCI_BDF(0, 5, 0)  /* unit 1 */
#define LEFT PCI_BDF(2, 1, 0)  /* these two behind a bridge to conventional PCI, 01:00.0 */
#define RIGHT PCI_BDF(2, 2, 0) /* unit 0 */
#define MSI 0x50
#define NOWHERE (~0ull)
#define MEMORY(slot) ((uint64_t)(slot) << 20) /* fake_core: 1 MiB each */
#define MEBIBYTE 0x100000ull

extern struct request request; /* the last */
extern struct fake_function *nic;

/* The model under test defines this: what a message causes at unit 0; NOWHERE: nothing. */
uint64_t model_message(uint16_t source, uint64_t address, uint32_t data);

/* The machine's functions; a make whose units are functions, too, adds those first. */
struct fake_function *add_with_msi(uint16_t bdf, uint16_t device, uint32_t class_code);
void add_functions(void);
/* A server for the functions that there are. */
void server_scan(void);

/* By session: take a function, lend memory to it, take the memory back. */
purlin_s64 claim(purlin_u64 badge, uint16_t bdf);
purlin_s64 lend(purlin_u64 badge, purlin_u64 slot, uint64_t wanted);
purlin_s64 take_back(purlin_u64 badge, uint64_t address);

/* Session 1 asks for an operation on a message of NIC: on the first, or on that number. */
purlin_s64 message(purlin_u32 operation);
purlin_s64 numbered(purlin_u32 operation, unsigned int number);
void enable_messages(void);
/* What NIC's message causes when it comes from this source, or with this number. */
uint64_t nic_sends(uint16_t source);
uint64_t nic_sends_number(unsigned int number);

/* Tests that are the same for both. */
void several_messages_of_a_function(void **state);
void owners_leave_nothing(void **state);

#endif
