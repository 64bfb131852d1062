// SPDX-License-Identifier: MIT
/*
 * usb-settle [SECONDS]: wait until Linux has nothing more to find on its USB buses, whatever they
 * hold.
 *
 * Linux is asked, and its own locks order the answers:
 *  - controllers: a driver's probe holds the device's lock, which a write to drivers_probe takes;
 *  - hubs: each port that has something connected has a device, or the kernel has given it up. A
 * hub is handled under its lock: reading its bConfigurationValue afterwards means that whatever was
 *    found has been configured and its drivers have been asked;
 *  - SCSI hosts: a scan holds the host's scan lock, which a request to scan one unit takes;
 *  - disks: the first open waits until the partitions are read.
 * Ports hand devices only to slower ones (USB 3 to USB 2, EHCI to its companions), so fast hubs are
 * asked first. Events are listened to before the first question: a round during which something
 * was added does not count.
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/usbdevice_fs.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_SECONDS 60
#define LOOK_MS 50    /* between two rounds when no event tells that something ended */
#define ATTACH_MS 100 /* from power to a device that shows itself (USB 2.0, 7.1.7.3: TSIGATT) */
#define FIRST_UNIT_MS                                                              \
	5000 /* a host without units: how long its driver's own scan is waited for \
	      */
#define KNOWN 256
#define NAME_BYTES 64
#define PATH_BYTES 320

#define USB "/sys/bus/usb/devices"
#define PCI "/sys/bus/pci"
#define SCSI "/sys/bus/scsi"

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

static int events, kernel_log;
static char pending[200]; /* what this round found unfinished; empty: nothing */

static void unfinished(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(pending, sizeof(pending), format, arguments);
	va_end(arguments);
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* When something was seen first. Full: as if that had been at the beginning. */
static long age_ms(const char *name)
{
	static struct {
		char name[NAME_BYTES];
		long since;
	} seen[KNOWN];
	static unsigned int count;

	for (unsigned int i = 0; i < count; i++)
		if (!strcmp(seen[i].name, name))
			return now_ms() - seen[i].since;
	if (count == KNOWN)
		return now_ms();
	snprintf(seen[count].name, NAME_BYTES, "%s", name);
	seen[count++].since = now_ms();
	return 0;
}

static void write_file(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);

	if (file < 0)
		return;
	/* What counts is that the kernel has taken the lock; it may well refuse. */
	(void)!write(file, text, strlen(text));
	close(file);
}

static bool read_file(char *text, size_t bytes, const char *folder, const char *name,
		      const char *attribute)
{
	char path[PATH_BYTES];
	ssize_t length;
	int file;

	snprintf(path, sizeof(path), "%s/%s/%s", folder, name, attribute);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return false;
	length = read(file, text, bytes - 1);
	close(file);
	text[length > 0 ? length : 0] = 0;
	return length >= 0;
}

static long read_number(const char *folder, const char *name, const char *attribute, int base)
{
	char text[32];

	return read_file(text, sizeof(text), folder, name, attribute) ? strtol(text, NULL, base) :
									-1;
}

static void for_each(const char *folder, void (*look)(const char *name))
{
	DIR *entries = opendir(folder);
	struct dirent *entry;

	if (!entries)
		return;
	while ((entry = readdir(entries)))
		if (entry->d_name[0] != '.' && strlen(entry->d_name) < NAME_BYTES)
			look(entry->d_name);
	closedir(entries);
}

/* Ports, or devices on them, of which the kernel has said that it gives up. */
static char given_up[KNOWN][NAME_BYTES];
static unsigned int given_up_count;

static bool is_given_up(const char *name)
{
	for (unsigned int i = 0; i < given_up_count; i++)
		if (!strcmp(given_up[i], name))
			return true;
	return false;
}

/* A record is "PRIORITY,NUMBER,TIME,FLAGS;usb usb1-port2: TEXT". */
static void read_record(const char *record)
{
	static const char *const last_words[] = { "unable to enumerate USB device",
						  "connect-debounce failed",
						  "can't connect bus-powered hub",
						  "couldn't allocate usb_device" };
	const char *text = strchr(record, ';');
	char name[NAME_BYTES];

	if (!text || sscanf(text, ";usb %63[^: ]:", name) != 1 || is_given_up(name))
		return;
	for (size_t i = 0; i < sizeof(last_words) / sizeof(last_words[0]); i++)
		if (strstr(text, last_words[i]) && given_up_count < KNOWN)
			strcpy(given_up[given_up_count++], name);
}

static void read_kernel_log(void)
{
	char record[8192];
	ssize_t length;

	/* -EPIPE: records were overwritten before they were read; the next read goes on. */
	for (int lost = 0; lost < 2;) {
		length = read(kernel_log, record, sizeof(record) - 1);
		if (length <= 0) {
			lost++;
			continue;
		}
		record[length] = 0;
		read_record(record);
	}
}

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

static void look_at_hubs(void)
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

static void look_at_controller(const char *name)
{
	if (read_number(PCI "/devices", name, "class", 16) >> 8 == 0x0c03)
		write_file(PCI "/drivers_probe", name);
}

static unsigned int host_wanted, host_units;

static void open_disk(const char *name)
{
	char path[PATH_BYTES];
	int disk;

	snprintf(path, sizeof(path), "/dev/%s", name);
	/* No medium, or a broken one, is an answer, too. */
	disk = open(path, O_RDONLY | O_CLOEXEC);
	if (disk >= 0)
		close(disk);
}

static void look_at_unit(const char *name)
{
	char path[PATH_BYTES];
	unsigned int host, channel, id, unit;

	if (sscanf(name, "%u:%u:%u:%u", &host, &channel, &id, &unit) != 4 || host != host_wanted)
		return;
	host_units++;
	/* Drivers of disks are asked in the background, with the device's lock held. */
	write_file(SCSI "/drivers_probe", name);
	snprintf(path, sizeof(path), SCSI "/devices/%s/block", name);
	for_each(path, open_disk);
}

static void look_at_host(const char *name)
{
	char path[PATH_BYTES], target[1024];
	ssize_t length;

	snprintf(path, sizeof(path), "/sys/class/scsi_host/%s", name);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0 || sscanf(name, "host%u", &host_wanted) != 1)
		return;
	target[length] = 0;
	if (!strstr(target, "/usb"))
		return;
	strcat(path, "/scan");
	host_units = 0;
	for_each(SCSI "/devices", look_at_unit);
	if (!host_units && age_ms(name) < FIRST_UNIT_MS)
		unfinished("%s has no units yet", name);
	else if (!host_units)
		write_file(path, "- - -"); /* what it has now is what it has */
	else
		write_file(path, "0 0 0"); /* there already: only the lock matters */
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
	kernel_log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	wait[0] = (struct pollfd){ .fd = events, .events = POLLIN };
	wait[1] = (struct pollfd){ .fd = kernel_log, .events = POLLIN };
	while (!settled()) {
		if (now_ms() >= end) {
			printf("usb-settle: %s\n", pending);
			return 1;
		}
		poll(wait, 2, LOOK_MS);
	}
	return 0;
}
