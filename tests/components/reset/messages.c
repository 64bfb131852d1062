/* SPDX-License-Identifier: MIT */
/* A table of 2,048 messages: more than one session is sure of, and none is lost in between. */
#include "../check.h"
#include "parts.h"
#include "runtime/pci.h"
#include "runtime/slots.h"
#include "session/pci.h"

#define TABLE 2048

static purlin_u64 slots[TABLE];

static unsigned int allocate_all(purlin_u64 session, purlin_u64 bdf)
{
	unsigned int count = 0;

	while (count < TABLE && !pci_msi_allocate(session, bdf, PCI_MSIX, count, &slots[count]))
		count++;
	return count;
}

static void free_all(purlin_u64 session, purlin_u64 bdf, unsigned int count)
{
	unsigned int freed = 0;

	for (unsigned int i = 0; i < count; i++) {
		freed += !pci_msi_free(session, bdf, PCI_MSIX, i);
		slot_delete(slots[i]);
	}
	check_equal("messages freed", freed, count);
}

void test_many_messages(purlin_u64 session, const struct function *function)
{
	unsigned int count = allocate_all(session, function->bdf);

	check_true("more messages than a session is sure of", count > 2 * PCI_MSI_MOST);
	check_true("and not all of a machine", count < TABLE);
	free_all(session, function->bdf, count);
	check_equal("as many again", allocate_all(session, function->bdf), count);
	free_all(session, function->bdf, count);
}
