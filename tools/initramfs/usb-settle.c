// SPDX-License-Identifier: MIT
/* usb-settle DEVICES DISKS [SECONDS]: wait, by kernel events, until that many USB devices and disks
 * are usable. */
#include <dirent.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_SECONDS 60

static int open_events(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int events = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);

	if (events < 0 || bind(events, (struct sockaddr *)&address, sizeof(address)) < 0) {
		perror("usb-settle: uevents");
		exit(1);
	}
	return events;
}

/* A device counts once it is configured: then its interfaces exist and drivers were asked. */
static bool is_configured_device(const char *name)
{
	char path[512];
	char value[8] = "";
	int file;

	if (name[0] < '0' || name[0] > '9' || strchr(name, ':'))
		return false; /* a root hub or an interface */
	snprintf(path, sizeof(path), "/sys/bus/usb/devices/%s/bConfigurationValue", name);
	file = open(path, O_RDONLY);
	if (file < 0)
		return false;
	if (read(file, value, sizeof(value) - 1) < 0)
		value[0] = 0;
	close(file);
	return value[0] >= '1' && value[0] <= '9';
}

/*
 * Opening a disk for the first time waits for its partitions to be read: afterwards
 * their device nodes exist.
 */
static bool is_ready_usb_disk(const char *name)
{
	char path[512];
	char target[1024];
	ssize_t length;
	int disk;

	snprintf(path, sizeof(path), "/sys/block/%s", name);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return false;
	target[length] = 0;
	if (!strstr(target, "/usb"))
		return false;
	snprintf(path, sizeof(path), "/dev/%s", name);
	disk = open(path, O_RDONLY | O_CLOEXEC);
	if (disk < 0)
		return false;
	close(disk);
	return true;
}

static int count(const char *folder, bool (*counts)(const char *name))
{
	DIR *entries = opendir(folder);
	struct dirent *entry;
	int found = 0;

	if (!entries)
		return 0;
	while ((entry = readdir(entries)))
		found += entry->d_name[0] != '.' && counts(entry->d_name);
	closedir(entries);
	return found;
}

static bool settled(int devices, int disks)
{
	return count("/sys/bus/usb/devices", is_configured_device) >= devices &&
	       count("/sys/block", is_ready_usb_disk) >= disks;
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int main(int argc, char **argv)
{
	char event[8192];
	int devices = argc > 1 ? atoi(argv[1]) : 0;
	int disks = argc > 2 ? atoi(argv[2]) : 0;
	long end = now_ms() + 1000L * (argc > 3 ? atoi(argv[3]) : DEFAULT_SECONDS);
	struct pollfd wait = { .fd = open_events(), .events = POLLIN };

	/* Listening began before the first look: nothing can slip between. */
	while (!settled(devices, disks)) {
		long left = end - now_ms();

		if (left <= 0) {
			printf("usb-settle: %d of %d devices, %d of %d disks\n",
			       count("/sys/bus/usb/devices", is_configured_device), devices,
			       count("/sys/block", is_ready_usb_disk), disks);
			return 1;
		}
		/* A disk whose medium comes up late sends no event of its own, hence the bound. */
		if (poll(&wait, 1, left < 250 ? (int)left : 250) > 0)
			(void)!read(wait.fd, event, sizeof(event));
	}
	return 0;
}
