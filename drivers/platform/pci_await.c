/* SPDX-License-Identifier: MIT */
/* What init wants to be told of: a policy and a signal for each component that waits. */
#include "pci_await.h"

#include <stdlib.h>
#include <string.h>

#define LABEL_WORDS (PARENT_LABEL_BYTES / 8)

/* One for each label, so there are never more than components. */
static struct pci_awaiting *entry_for(struct pci_server *server, const char *label)
{
	struct pci_awaiting *entry = server->awaiting;

	while (entry && strcmp(entry->label, label))
		entry = entry->next;
	if (entry)
		return entry;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	strcpy(entry->label, label);
	entry->next = server->awaiting;
	server->awaiting = entry;
	return entry;
}

purlin_s64 pci_await(struct pci_server *server, const char *label, struct request *request)
{
	struct pci_awaiting *entry;
	struct policy policy = { 0 };
	purlin_s64 status = request_signal_check(request);

	if (!status && request->words < LABEL_WORDS)
		status = PURLIN_BAD_ARGUMENT;
	if (!status)
		status = policy_read(&policy, &request->word[LABEL_WORDS],
				     request->words - LABEL_WORDS);
	if (status)
		return status;
	entry = entry_for(server, label);
	if (!entry)
		return PURLIN_NO_MEMORY;
	resource_forget(entry->signal);
	entry->signal = request->cap[0];
	request->cap[0] = 0;
	entry->policy = policy;
	request_reply_word(
		request,
		(policy_wants(&policy, &server->tree, label, false) ? PCI_AWAIT_FREE : 0u) |
			(policy_wants(&policy, &server->tree, label, true) ? PCI_AWAIT_NEW : 0u));
	return PURLIN_OK;
}

void pci_await_arrived(const struct pci_server *server)
{
	for (const struct pci_awaiting *entry = server->awaiting; entry; entry = entry->next)
		if (policy_wants(&entry->policy, &server->tree, entry->label, true))
			resource_notify(entry->signal);
}
