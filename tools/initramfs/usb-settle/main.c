/* SPDX-License-Identifier: MIT */
/*
 * usb-settle [SECONDS]: wait until Linux has nothing more to find on its USB buses, whatever they
 * hold.
 *
 * Linux is asked, and its own locks order the answers:
 *  - controllers: a driver's probe holds the device's lock, which a write to drivers_probe takes;
 *  - hubs: each port that has something connected has a device, or the kernel has given it up. A
 *    hub is handled under its lock: reading its bConfigurationValue afterwards means that whatever
 *    was found has been configured and its drivers have been asked;
 *  - SCSI hosts: a scan holds the host's scan lock, which a request to scan one unit takes;
 *  - disks: the first open waits until the partitions are read.
 * Ports hand devices only to slower ones (USB 3 to USB 2, EHCI to its companions), so fast hubs are
 * asked first. Events are listened to before the first question: a round during which something
 * was added does not count.
 */
#include "settle.h"

#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define DEFAULT_SECONDS 60
#define LOOK_MS 50 /* between two rounds when no event tells that something ended */
#define PCI "/sys/bus/pci"

static int events;

static void look_at_controller(const char *name)
{
	if (read_number(PCI "/devices", name, "class", 16) >> 8 == 0x0c03)
		write_file(PCI "/drivers_probe", name);
}

/* Has anything been added since the last call? */
static bool something_was_added(void)
{
	char event[8192];
	bool added = false;

	while (recv(events, event, sizeof(event), MSG_DONTWAIT) > 0)
		added = added || !strncmp(event, "add@", 4);
	return added;
}

static bool settled(void)
{
	pending[0] = 0;
	something_was_added();
	read_kernel_log();
	for_each(PCI "/devices", look_at_controller);
	look_at_hubs();
	/* Units may have come while the first ones were looked at; the second look finds all. */
	for_each("/sys/class/scsi_host", look_at_host);
	for_each("/sys/class/scsi_host", look_at_host);
	if (!pending[0] && something_was_added())
		unfinished("devices are being added");
	return !pending[0];
}

static void open_events(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };

	events = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	if (events < 0 || bind(events, (struct sockaddr *)&address, sizeof(address)) < 0) {
		perror("usb-settle: uevents");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	long end = now_ms() + 1000L * (argc > 1 ? atoi(argv[1]) : DEFAULT_SECONDS);
	struct pollfd wait[2];

	open_events();
	open_kernel_log();
	wait[0] = (struct pollfd){ .fd = events, .events = POLLIN };
	wait[1] = (struct pollfd){ .fd = kernel_log_file(), .events = POLLIN };
	while (!settled()) {
		if (now_ms() >= end) {
			printf("usb-settle: %s\n", pending);
			return 1;
		}
		poll(wait, 2, LOOK_MS);
	}
	return 0;
}
