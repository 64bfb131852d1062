/* SPDX-License-Identifier: MIT */
/* SCSI hosts of USB devices: whether their units, and the disks of those, have been found. */
#include "settle.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SCSI "/sys/bus/scsi"
/* A host without units: how long its driver's own scan is waited for. */
#define FIRST_UNIT_MS 5000

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

void look_at_host(const char *name)
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
