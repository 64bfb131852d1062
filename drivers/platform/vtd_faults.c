/* SPDX-License-Identifier: MIT */
/* Fault records: taken one by one, each made free for the next. */
#include "vtd_faults.h"

#include "vtd_registers.h"

#define RECORD_BYTES 16
#define RECORD_HIGH 8
#define RECORD_TOP 12 /* the word with the bit that frees it */
#define RECORD_TAKEN 0x80000000u
#define ADDRESS 0xfffffffffffff000ull

#define ROOT_ABSENT 0x01
#define CONTEXT_ABSENT 0x02
#define BEYOND 0x04
#define NO_WRITE 0x05
#define NO_READ 0x06
#define MESSAGES 0x20 /* and those after it */
#define MESSAGES_END 0x2f

static const char *text_of(unsigned int reason)
{
	if (reason == ROOT_ABSENT || reason == CONTEXT_ABSENT)
		return "it belongs to nobody";
	if (reason == NO_WRITE || reason == NO_READ || reason == BEYOND)
		return "its owner has attached nothing there for that";
	if (reason >= MESSAGES && reason < MESSAGES_END)
		return "it is no message that was allocated for it";
	return "tables or request make no sense";
}

static unsigned int records(const struct vtd_unit *unit)
{
	return (unsigned int)(unit->capabilities >> 40 & 0xff) + 1;
}

static unsigned int place_of(const struct vtd_unit *unit, unsigned int index)
{
	unsigned int first = (unsigned int)(unit->capabilities >> 24 & 0x3ff) << 4;

	return first + index % records(unit) * RECORD_BYTES;
}

/* The address of a message is the number of its entry, in the upper bits. */
static void read_record(const struct vtd_unit *unit, unsigned int place, uint64_t high,
			struct dma_fault *fault)
{
	fault->source = (uint16_t)high;
	fault->reason = (uint8_t)(high >> 32);
	fault->read = high >> 62 & 1;
	fault->text = text_of(fault->reason);
	fault->address = vtd_read_wide(unit, place);
	if (fault->reason < MESSAGES)
		fault->address &= ADDRESS;
	else
		fault->address >>= 48;
	/* Last: the unit may fill the record again at once. */
	vtd_write(unit, place + RECORD_TOP, RECORD_TAKEN);
}

/* Nothing is recorded while the overflow stands. */
bool vtd_fault_next(const struct vtd_unit *unit, struct dma_fault *fault)
{
	uint32_t status = vtd_read(unit, VTD_FAULT_STATUS);
	unsigned int first = status >> 8 & 0xff;

	/* From the oldest on. The number of records bounds it, however fast new ones come. */
	for (unsigned int i = 0; status & VTD_FAULT_PENDING && i < records(unit); i++) {
		unsigned int place = place_of(unit, first + i);
		uint64_t high = vtd_read_wide(unit, place + RECORD_HIGH);

		if (!(high >> 63))
			continue;
		read_record(unit, place, high, fault);
		return true;
	}
	if (status & VTD_FAULT_OVERFLOW)
		vtd_write(unit, VTD_FAULT_STATUS, VTD_FAULT_OVERFLOW);
	return false;
}

/* Such messages pass no remapping (5.1.1). What is pending is sent when the mask goes. */
void vtd_faults_start(const struct vtd_unit *unit, const struct message_interrupt *interrupt)
{
	vtd_write(unit, VTD_FAULT_CONTROL, VTD_FAULT_MASKED);
	vtd_write(unit, VTD_FAULT_DATA, interrupt->data);
	vtd_write(unit, VTD_FAULT_ADDRESS, (uint32_t)interrupt->address);
	vtd_write(unit, VTD_FAULT_ADDRESS_HIGH, (uint32_t)(interrupt->address >> 32));
	vtd_write(unit, VTD_FAULT_CONTROL, 0);
}
