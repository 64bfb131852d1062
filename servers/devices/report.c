/* SPDX-License-Identifier: MIT */
/* Records of a report. A line of the log has 159 bytes, so none says all of a function. */
#include "report.h"

#include <stdbool.h>
#include <stdio.h>

#include "runtime/rpc.h"
#include "session/devices.h"
#include "session/parent.h"
#include "session/pci.h"

#define BARS 7
#define TRIES 8 /* of a list that changes while it is read */

static const purlin_u64 *word(void)
{
	return message()->word;
}

/* 00:04.0 */
#define PLACE "%02llx:%02llx.%llx"
#define PLACE_OF(bdf)                                                        \
	(unsigned long long)(bdf) >> 8, (unsigned long long)(bdf) >> 3 & 31, \
		(unsigned long long)(bdf)&7

static purlin_s64 ask(purlin_u64 session, purlin_u32 operation, purlin_u64 first, purlin_u64 second)
{
	message()->word[0] = first;
	message()->word[1] = second;
	return rpc(session, operation, 2);
}

static void write_refusal(purlin_u64 bdf)
{
	char client[PARENT_LABEL_BYTES + 1], reason[DEVICES_REASON_BYTES + 1];

	words_get_text(client, &word()[DEVICES_FUNCTION_CLIENT], PARENT_LABEL_BYTES);
	words_get_text(reason, &word()[DEVICES_FUNCTION_REASON], DEVICES_REASON_BYTES);
	if (client[0])
		printf("refused at=" PLACE " client=%s\nreason at=" PLACE " text=%s\n",
		       PLACE_OF(bdf), client, PLACE_OF(bdf), reason);
}

static void write_owner(purlin_u64 bdf)
{
	char owner[PARENT_LABEL_BYTES + 1];

	words_get_text(owner, &word()[DEVICES_FUNCTION_OWNER], PARENT_LABEL_BYTES);
	printf("owner at=" PLACE " owner=%s seen=" PLACE " faults=%lu\n", PLACE_OF(bdf), owner,
	       PLACE_OF(word()[DEVICES_FUNCTION_SEEN]), word()[DEVICES_FUNCTION_FAULTS]);
}

static void write_function(void)
{
	purlin_u64 bdf = word()[DEVICES_FUNCTION_BDF], flags = word()[DEVICES_FUNCTION_FLAGS];
	purlin_u64 id = word()[DEVICES_FUNCTION_ID], resets = word()[DEVICES_FUNCTION_RESETS];

	printf("function at=" PLACE
	       " id=%04lx:%04lx class=%06lx state=%s resets=%s%s%s group=" PLACE "\n",
	       PLACE_OF(bdf), id & 0xffff, id >> 16, word()[DEVICES_FUNCTION_CLASS] >> 8,
	       flags & DEVICES_PLATFORM	   ? "platform" :
	       flags & DEVICES_QUARANTINED ? "quarantined" :
	       flags & DEVICES_OWNED	   ? "owned" :
					     "free",
	       resets & DEVICES_RESET_FUNCTION ? "function," : "",
	       resets & DEVICES_RESET_AF ? "af," : "", resets & DEVICES_RESET_POWER ? "power," : "",
	       PLACE_OF(word()[DEVICES_FUNCTION_GROUP]));
	if (flags & DEVICES_OWNED)
		write_owner(bdf);
	write_refusal(bdf);
}

static void write_bar(purlin_u64 bdf, unsigned int number)
{
	purlin_u64 kind = word()[2];

	if (word()[1])
		printf("bar at=" PLACE " number=%u kind=%s address=0x%lx bytes=%lu\n",
		       PLACE_OF(bdf), number, kind & PCI_BAR_PORTS ? "ports" : "memory", word()[0],
		       word()[1]);
}

static purlin_s64 write_functions(purlin_u64 session)
{
	for (purlin_u64 i = 0;; i++) {
		purlin_s64 status = ask(session, DEVICES_FUNCTION, i, 0);
		purlin_u64 bdf = word()[DEVICES_FUNCTION_BDF];

		if (status)
			return status;
		write_function();
		for (unsigned int bar = 0; bar < BARS; bar++) {
			status = ask(session, DEVICES_BAR, i, bar);
			if (status)
				return status;
			write_bar(bdf, bar);
		}
	}
}

static void write_interrupt(void)
{
	static const char *const kinds[] = {
		[PCI_MSI] = "msi", [PCI_MSIX] = "msix", [DEVICES_LINE] = "line"
	};

	printf("interrupt at=" PLACE " kind=%s number=%lu delivered=%lu storms=%lu\n",
	       PLACE_OF(word()[0]), word()[1] <= DEVICES_LINE ? kinds[word()[1]] : "?", word()[2],
	       word()[3], word()[4]);
}

static void write_domain(void)
{
	char label[PARENT_LABEL_BYTES + 1];

	words_get_text(label, word(), PARENT_LABEL_BYTES);
	printf("domain owner=%s devices=%lu mappings=%lu bytes=%lu\n", label, word()[4], word()[5],
	       word()[6] * PURLIN_PAGE_SIZE);
	if (word()[7])
		printf("fault owner=%s count=%lu seen=" PLACE " address=0x%lx reason=0x%lx\n",
		       label, word()[7], PLACE_OF(word()[8]), word()[9], word()[10]);
}

static purlin_s64 write_list(purlin_u64 session, purlin_u32 operation, void (*write_one)(void))
{
	purlin_s64 status = PURLIN_OK;

	for (purlin_u64 i = 0; !status; i++) {
		status = ask(session, operation, i, 0);
		if (!status)
			write_one();
	}
	return status;
}

static purlin_s64 write_machine(purlin_u64 session, purlin_u64 *changes)
{
	char kind[DEVICES_KIND_BYTES + 1];
	purlin_s64 status = ask(session, DEVICES_MACHINE, 0, 0);

	if (status)
		return status;
	*changes = word()[0];
	words_get_text(kind, &word()[3], DEVICES_KIND_BYTES);
	printf("machine functions=%lu sessions=%lu iommu=%s\n", word()[1], word()[2], kind);
	return PURLIN_OK;
}

static bool unchanged(purlin_u64 session, purlin_u64 changes)
{
	return !ask(session, DEVICES_MACHINE, 0, 0) && word()[0] == changes;
}

/* A list ends with NO_DEVICE. */
static purlin_s64 write_lists(purlin_u64 session)
{
	purlin_s64 status = write_functions(session);

	if (status == PURLIN_NO_DEVICE)
		status = write_list(session, DEVICES_INTERRUPT, write_interrupt);
	if (status == PURLIN_NO_DEVICE)
		status = write_list(session, DEVICES_DOMAIN, write_domain);
	return status == PURLIN_NO_DEVICE ? PURLIN_OK : status;
}

purlin_s64 report_write(purlin_u64 session)
{
	for (unsigned int i = 0; i < TRIES; i++) {
		purlin_u64 changes;
		purlin_s64 status = write_machine(session, &changes);

		if (!status)
			status = write_lists(session);
		if (status)
			return status;
		if (unchanged(session, changes)) {
			printf("end\n");
			return PURLIN_OK;
		}
	}
	return PURLIN_OK;
}
