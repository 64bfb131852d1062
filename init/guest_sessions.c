/* SPDX-License-Identifier: MIT */
/* A guest's sessions: consoles in shared memory, and PCI devices with DMA to its RAM. */
#include "guest.h"
#include "purlin/calls.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"
#include "runtime/status.h"
#include "session/terminal.h"

#define LARGE_PAGE (2 * MIB)

/*
 * TERMINAL_START on the guest's behalf: the server notifies event number
 * GUEST_EVENT_CONSOLE + index, the guest notifies by its slot GUEST_SLOT_NOTIFY + index.
 */
static purlin_s64 start_console(struct guest *guest, unsigned int index, purlin_u64 session)
{
	struct component *component = guest->component;
	purlin_u64 event = GUEST_EVENT_CONSOLE + index;
	purlin_u64 signal, received[2];
	purlin_s64 status;

	status = slot_copy(component->guest_signals[0], PURLIN_RIGHT_WRITE, 1ull << event, &signal);
	if (status)
		return status;
	status = route_exchange(component, "Terminal", session, TERMINAL_START, 1, &signal, 2,
				received);
	slot_delete(signal);
	if (status)
		return status;
	status = purlin_guest_attach(component->pd, guest->consoles[index], received[0], 0,
				     TERMINAL_PAGES, PURLIN_MAP_READ | PURLIN_MAP_WRITE);
	if (!status)
		status = component_give(component, GUEST_SLOT_NOTIFY + index, received[1],
					PURLIN_RIGHT_WRITE, 0);
	/* The guest keeps what it needs: the attachment, its copy of the signal. */
	slot_delete(received[0]);
	slot_delete(received[1]);
	return status;
}

static purlin_s64 open_console(struct guest *guest, unsigned int index)
{
	const char *label = guest->wanted->consoles[index];
	purlin_u64 session;
	purlin_s64 status = route_open(guest->component, "Terminal", label, NULL, 0, &session);

	guest->consoles[index] = ((guest->ram_end + LARGE_PAGE - 1) & ~(LARGE_PAGE - 1)) +
				 index * TERMINAL_PAGES * PURLIN_PAGE_SIZE;
	if (!status) {
		status = start_console(guest, index, session);
		slot_delete(session);
	}
	if (status)
		report(guest->component, "Terminal session \"%s\": %s", label, status_text(status));
	return status;
}

/* First guest-physical address behind RAM and consoles. */
static purlin_u64 end_of_memory(const struct guest *guest)
{
	unsigned int count = guest->wanted->console_count;

	return count ? guest->consoles[count - 1] + TERMINAL_PAGES * PURLIN_PAGE_SIZE :
		       guest->ram_end;
}

/*
 * The guest sees device memory at its bus addresses, so its RAM must end below. Windows of old
 * below 1 MiB (VGA) are left out: the guest has RAM there.
 */
static purlin_s64 check_windows(struct guest *guest)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < guest->window_count; i++) {
		const struct guest_window *window = &guest->windows[i];

		if ((window->kind & 0xff) != PCI_BAR_MEMORY || window->base < MIB)
			continue;
		if (window->base < end_of_memory(guest)) {
			report(guest->component, "%lu MiB are too much: PCI devices begin at 0x%lx",
			       guest->ram_end / MIB, window->base);
			return PURLIN_OVERLAP;
		}
		guest->windows[kept++] = *window;
	}
	guest->window_count = kept;
	return PURLIN_OK;
}

static purlin_s64 get_windows(struct guest *guest, purlin_u64 session)
{
	const purlin_u64 *word = message()->word;
	purlin_s64 status =
		route_exchange(guest->component, "PCI", session, PCI_WINDOWS, 0, NULL, 0, NULL);

	if (status)
		return status;
	guest->window_count = word[0] < GUEST_WINDOWS ? (unsigned int)word[0] : GUEST_WINDOWS;
	for (unsigned int i = 0; i < guest->window_count; i++) {
		guest->windows[i].base = word[1 + 3 * i];
		guest->windows[i].size = word[2 + 3 * i];
		guest->windows[i].kind = word[3 + 3 * i];
	}
	return PURLIN_OK;
}

static purlin_s64 open_pci(struct guest *guest)
{
	purlin_u64 session;
	purlin_s64 status = route_open(guest->component, "PCI", "pci", NULL, 0, &session);

	if (status) {
		report(guest->component, "no PCI session: %s", status_text(status));
		return status;
	}
	status = get_windows(guest, session);
	if (!status)
		status = check_windows(guest);
	if (!status)
		status = route_exchange(guest->component, "PCI", session, PCI_DMA_ATTACH, 1,
					&guest->ram, 0, NULL);
	guest->dma_base = message()->word[0];
	if (!status)
		status = component_give(guest->component, GUEST_SLOT_PCI, session,
					PURLIN_RIGHT_WRITE, 0);
	if (status)
		report(guest->component, "PCI session: %s", status_text(status));
	slot_delete(session);
	guest->has_pci = !status;
	return status;
}

purlin_s64 guest_sessions(struct guest *guest)
{
	purlin_s64 status = PURLIN_OK;

	for (unsigned int i = 0; !status && i < guest->wanted->console_count; i++)
		status = open_console(guest, i);
	if (!status && guest->wanted->pci_rule_count)
		status = open_pci(guest);
	return status;
}
