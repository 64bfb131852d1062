/* SPDX-License-Identifier: MIT */
/* A BAR where the processor cannot reach it: refused, and the device's others are not. */
#include "../check.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/pci.h"
#include "runtime/session.h"

#define NEAR 0
#define FAR 2
#define TIMES 1000
#define MOST_BYTES 8000 /* 20 lines, one more each second */

static purlin_u64 log_end(void)
{
	static purlin_u64 sequence;
	purlin_u64 bytes, next;

	while (!purlin_log_read(PURLIN_SLOT_LOG, sequence, &bytes, &next) && bytes)
		sequence = next;
	return sequence;
}

/* Each refusal is worth a line, but not without end. */
static void flood(purlin_u64 session, purlin_u64 bdf)
{
	purlin_u64 begin = log_end(), first, pages, memory;

	for (unsigned int i = 0; i < TIMES; i++)
		(void)pci_bar_piece(session, bdf, FAR, 0, &first, &pages, &memory);
	check_true("the platform component keeps to a budget", log_end() - begin < MOST_BYTES);
}

int component_main(purlin_u64 argument)
{
	purlin_u64 session, bdf, id, class_revision, first, pages, memory;
	struct pci_client_bar bar;
	void *registers;

	(void)argument;
	if (!check_status("PCI", session_open("PCI", "far", &session), PURLIN_OK) ||
	    !check_status("device", pci_device(session, 0, &bdf, &id, &class_revision), PURLIN_OK))
		return check_sum();
	check_status("far BAR", pci_bar(session, bdf, FAR, &bar), PURLIN_OK);
	check_equal("its size", bar.bytes, 1ull << 49);
	check_status("its piece", pci_bar_piece(session, bdf, FAR, 0, &first, &pages, &memory),
		     PURLIN_OVERLAP);
	flood(session, bdf);
	check_status("near BAR", pci_bar_piece(session, bdf, NEAR, 0, &first, &pages, &memory),
		     PURLIN_OK);
	check_status("near registers",
		     memory_map(memory, 0, pages, PURLIN_MAP_READ | PURLIN_MAP_WRITE, &registers),
		     PURLIN_OK);
	check_true("they answer", *(volatile unsigned int *)registers != 0xffffffffu);
	return check_sum();
}
