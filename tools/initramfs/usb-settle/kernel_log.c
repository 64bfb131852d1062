/* SPDX-License-Identifier: MIT */
/* What the kernel says of ports that it gives up. */
#include "settle.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int kernel_log;

void open_kernel_log(void)
{
	kernel_log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

int kernel_log_file(void)
{
	return kernel_log;
}

static char given_up[KNOWN][NAME_BYTES];
static unsigned int given_up_count;

bool is_given_up(const char *name)
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

void read_kernel_log(void)
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
