/* SPDX-License-Identifier: MIT */
/*
 * The platform component, all of it, with a thread that lets it fault when Keeper says so. What it
 * does first and last in a new life is looked at: it finds a bus master, and leaves none.
 */
#include <stdbool.h>
#include <stdio.h>

#include "../check.h"
#include "drivers/platform/pci_config.h"
#include "drivers/platform/pci_registers.h"
#include "drivers/platform/pci_tree.h"
#include "keeper.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "runtime/thread.h"

/* Its main, with names of its own for itself and for the first and the last thing it does; the last
 * is renamed in service.c by module.mk. */
int platform_main(purlin_u64 argument);
void looked_at_scan(struct pci_tree *tree, unsigned int root_bus);
#define component_main platform_main
#define pci_tree_scan looked_at_scan
#include "drivers/platform/main.c"
#undef component_main
#undef pci_tree_scan
#undef session_announce
purlin_s64 session_announce(const char *service, purlin_u64 endpoint);

#define EDU 0x11e81234u

static purlin_u64 die, begin;

/* Is the device a bus master, as its owner left it? */
static bool edu_is_master(void)
{
	for (unsigned int slot = 0; slot < 32; slot++)
		if (pci_config_read(PCI_BDF(0, slot, 0), CFG_ID, 4) == EDU)
			return pci_config_read(PCI_BDF(0, slot, 0), CFG_COMMAND, 2) &
			       COMMAND_MASTER;
	component_panic("the device is not there");
}

void looked_at_scan(struct pci_tree *tree, unsigned int root_bus)
{
	if (root_bus == 0)
		printf("the device is %sa bus master\n", edu_is_master() ? "" : "not ");
	pci_tree_scan(tree, root_bus);
}

purlin_s64 looked_at_announce(const char *service, purlin_u64 endpoint)
{
	if (edu_is_master())
		component_panic("%s announced while a device is not silent", service);
	return session_announce(service, endpoint);
}

static void await_death(void *argument)
{
	purlin_u64 bits = 0;

	(void)argument;
	while (!bits)
		(void)purlin_signal_wait(die, &bits);
	__builtin_trap();
}

static purlin_s64 arm(void)
{
	purlin_u64 session, copies[2];
	purlin_s64 status = session_open("Keeper", "platform", &session);

	die = slot_reserve();
	begin = slot_reserve();
	if (!status)
		status = purlin_signal_create(PURLIN_SLOT_ACCOUNT, die);
	if (!status)
		status = purlin_signal_create(PURLIN_SLOT_ACCOUNT, begin);
	if (!status)
		status = slot_copy(die, PURLIN_RIGHT_WRITE, 0, &copies[0]);
	if (!status)
		status = slot_copy(begin, PURLIN_RIGHT_WRITE, 0, &copies[1]);
	return status ? status : rpc_exchange(session, KEEPER_ARM, 0, 2, copies, 0, NULL);
}

int component_main(purlin_u64 argument)
{
	purlin_u64 bits = 0, thread;

	if (arm() || thread_spawn(await_death, NULL, COMPONENT_PROCESSOR(argument),
				  COMPONENT_PRIORITY(argument), &thread))
		component_panic("no Keeper");
	while (!bits)
		(void)purlin_signal_wait(begin, &bits);
	return platform_main(argument);
}
