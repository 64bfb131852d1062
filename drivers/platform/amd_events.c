/* SPDX-License-Identifier: MIT */
/* The log of events: a ring that the unit writes and this component reads. */
#include "amd_events.h"

#include "amd_registers.h"
#include "hardware.h"
#include "pci_config.h"
#include "pci_registers.h"

#define ENTRY_SHIFT 4
#define CODE 60
#define REASON 56 /* the code, and above it nothing of the flags */
#define REASON_CODE 0xf0u
#define WRITE (1ull << 53)
#define WRITTEN_WITHIN 1000000ull /* ns */

#define ILLEGAL_ENTRY 0x1
#define PAGE_FAULT 0x2
#define ENTRY_UNREADABLE 0x3
#define TABLE_UNREADABLE 0x4
#define ILLEGAL_REQUEST 0x8
#define ILLEGAL_PAGE_REQUEST 0x9

#define MESSAGES 0xfee00000ull
#define MESSAGES_END 0xfef00000ull

static const char *text_of(unsigned int code, uint64_t address)
{
	if (code != PAGE_FAULT)
		return "tables or request make no sense";
	return address >= MESSAGES && address < MESSAGES_END ?
		       "it is no message that was allocated for it" :
		       "its owner has attached nothing there for that";
}

static bool concerns_function(unsigned int code)
{
	return (code >= ILLEGAL_ENTRY && code <= TABLE_UNREADABLE) || code == ILLEGAL_REQUEST ||
	       code == ILLEGAL_PAGE_REQUEST;
}

/* The tail may be there before what lies before it. */
static uint64_t await_entry(const volatile uint64_t *entry)
{
	uint64_t end = hardware_time_ns() + WRITTEN_WITHIN;

	while (!(entry[0] >> CODE) && hardware_time_ns() < end)
		;
	return entry[0];
}

static struct dma_fault fault_at(const volatile uint64_t *entry)
{
	uint64_t low = await_entry(entry), address = entry[1];

	return (struct dma_fault){ .address = address,
				   .source = (uint16_t)low,
				   .reason = (uint8_t)(low >> REASON & REASON_CODE),
				   .read = !(low & WRITE),
				   .text = text_of((unsigned int)(low >> CODE), address) };
}

/* QEMU has no event in its log, ever, up to 10.0.2 at least. */
static bool take(struct amd_unit *unit, struct dma_fault *fault)
{
	uint64_t head = amd_read(unit, AMD_EVENTS_HEAD) >> ENTRY_SHIFT;
	volatile uint64_t *entry = &unit->events->words[2 * (head % AMD_BUFFER_ENTRIES)];

	if (head == amd_read(unit, AMD_EVENTS_TAIL) >> ENTRY_SHIFT)
		return false;
	/*
	 * Cleared, so that await_entry() sees when the unit has written it the next time round.
	 */
	*fault = fault_at(entry);
	entry[0] = 0;
	amd_write(unit, AMD_EVENTS_HEAD, (head + 1) % AMD_BUFFER_ENTRIES << ENTRY_SHIFT);
	return true;
}

/* The interrupt is asked for again before the log is looked at: what comes later causes it. */
bool amd_event_next(struct amd_unit *unit, struct dma_fault *fault)
{
	amd_write(unit, AMD_STATUS, AMD_STATUS_EVENT);
	/* Not for ever, whatever comes: the turn is kept. */
	for (unsigned int i = 0; i < AMD_BUFFER_ENTRIES && take(unit, fault); i++)
		if (concerns_function(fault->reason >> 4))
			return true;
	if (amd_read(unit, AMD_STATUS) & AMD_STATUS_OVERFLOW)
		amd_log_restart(unit);
	return false;
}

/* Its messages pass no remapping. They are writes of the function: it has to be bus master. */
bool amd_events_start(const struct pci_function *function,
		      const struct message_interrupt *interrupt)
{
	unsigned int offset = function ? function->msi : 0, control;
	uint16_t bdf = function ? function->bdf : 0;

	if (!offset)
		return false;
	control = pci_config_read(bdf, offset + MSI_CONTROL, 2) & ~(MSI_ENABLE | MSI_ENABLED_MASK);
	pci_config_write(bdf, offset + MSI_CONTROL, 2, control);
	pci_config_write(bdf, offset + MSI_ADDRESS, 4, (uint32_t)interrupt->address);
	if (control & MSI_64BIT)
		pci_config_write(bdf, offset + MSI_ADDRESS + 4, 4,
				 (uint32_t)(interrupt->address >> 32));
	pci_config_write(bdf, offset + MSI_ADDRESS + (control & MSI_64BIT ? 8 : 4), 2,
			 interrupt->data);
	pci_config_write(bdf, CFG_COMMAND, 2,
			 pci_config_read(bdf, CFG_COMMAND, 2) | COMMAND_MASTER);
	pci_config_write(bdf, offset + MSI_CONTROL, 2, control | MSI_ENABLE);
	return true;
}
