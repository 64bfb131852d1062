/* SPDX-License-Identifier: MIT */
/* Hubs: whether each port that has something connected has a device, too. */
#include "settle.h"

#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define USB "/sys/bus/usb/devices"
#define ATTACH_MS 100 /* from power to a device that shows itself (USB 2.0, 7.1.7.3: TSIGATT) */

/* USB 2.0, 11.24.2; USB 3.2, 10.16.2. */
#define HUB_CLASS 0x09
#define REQUEST_TO_HUB 0xa0
#define REQUEST_TO_PORT 0xa3
#define GET_STATUS 0
#define GET_DESCRIPTOR 6
#define DESCRIPTOR_HUB 0x2900
#define DESCRIPTOR_HUB_SUPER 0x2a00
#define PORT_CONNECTED 0x1
#define PORT_LINK_STATE 0x1e0
#define PORT_LINK_POLLING 0x0e0
#define HIGH_SPEED 480

static int control(int hub, unsigned int type, unsigned int request, unsigned int value,
		   unsigned int index, void *data, unsigned int bytes)
{
	struct usbdevfs_ctrltransfer transfer = { .bRequestType = (uint8_t)type,
						  .bRequest = (uint8_t)request,
						  .wValue = (uint16_t)value,
						  .wIndex = (uint16_t)index,
						  .wLength = (uint16_t)bytes,
						  .timeout = 5000,
						  .data = data };

	return ioctl(hub, USBDEVFS_CONTROL, &transfer);
}

static int open_hub(const char *name)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "/dev/bus/usb/%03ld/%03ld",
		 read_number(USB, name, "busnum", 10), read_number(USB, name, "devnum", 10));
	return open(path, O_RDWR | O_CLOEXEC);
}

/* Is there a device at this port of the hub? Its name follows from the hub's. */
static void look_at_connected(const char *hub, unsigned int port)
{
	char name[NAME_BYTES + 16], port_name[NAME_BYTES + 16], path[PATH_BYTES];
	bool root = !strncmp(hub, "usb", 3);

	snprintf(name, sizeof(name), "%s%s%u", root ? hub + 3 : hub, root ? "-" : ".", port);
	snprintf(port_name, sizeof(port_name), "%s-port%u", hub, port);
	snprintf(path, sizeof(path), USB "/%s", name);
	if (access(path, F_OK) && !is_given_up(name) && !is_given_up(port_name))
		unfinished("%s has something connected that is no device yet", port_name);
}

static void look_at_port(const char *name, int hub, unsigned int port, bool super)
{
	uint16_t status[2]; /* state, change */

	if (control(hub, REQUEST_TO_PORT, GET_STATUS, 0, port, status, sizeof(status)) !=
	    sizeof(status))
		return; /* the hub is gone, or as good as gone */
	if (status[1] & PORT_CONNECTED)
		unfinished("%s-port%u has changed", name, port);
	if (super && (status[0] & PORT_LINK_STATE) == PORT_LINK_POLLING)
		unfinished("%s-port%u is training its link", name, port);
	if (status[0] & PORT_CONNECTED)
		look_at_connected(name, port);
}

/* Devices have their time to show themselves from the moment when the ports got power. */
static void look_at_power(const char *name, int hub, bool super)
{
	uint8_t descriptor[16] = { 0 };
	long good_ms;

	control(hub, REQUEST_TO_HUB, GET_DESCRIPTOR, super ? DESCRIPTOR_HUB_SUPER : DESCRIPTOR_HUB,
		0, descriptor, sizeof(descriptor));
	good_ms = 2 * descriptor[5]; /* bPwrOn2PwrGood */
	if (age_ms(name) < good_ms + ATTACH_MS)
		unfinished("the ports of %s just got power", name);
}

static long tier_low, tier_high; /* speeds that this look is about */

static void look_at_hub(const char *name)
{
	long speed = read_number(USB, name, "speed", 10);
	long ports = read_number(USB, name, "maxchild", 10);
	char value[8];
	int hub;

	if (read_number(USB, name, "bDeviceClass", 16) != HUB_CLASS || speed < tier_low ||
	    speed > tier_high)
		return;
	/* Waits until the hub's driver has started, which switches its ports on. */
	read_file(value, sizeof(value), USB, name, "bConfigurationValue");
	hub = open_hub(name);
	if (hub < 0)
		return;
	look_at_power(name, hub, speed > HIGH_SPEED);
	for (unsigned int port = 1; ports > 0 && port <= (unsigned int)ports; port++)
		look_at_port(name, hub, port, speed > HIGH_SPEED);
	close(hub);
	/* Devices just seen have their configuration and drivers once this lock was free. */
	read_file(value, sizeof(value), USB, name, "bConfigurationValue");
}

void look_at_hubs(void)
{
	static const long tiers[][2] = { { HIGH_SPEED + 1, 1000000 },
					 { HIGH_SPEED, HIGH_SPEED },
					 { 0, HIGH_SPEED - 1 } };

	for (size_t i = 0; i < sizeof(tiers) / sizeof(tiers[0]); i++) {
		tier_low = tiers[i][0];
		tier_high = tiers[i][1];
		for_each(USB, look_at_hub);
	}
}
