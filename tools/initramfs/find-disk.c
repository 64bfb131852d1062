// SPDX-License-Identifier: MIT
/*
 * find-disk LABEL=NAME | /dev/NODE: print the device node of the disk or partition that the words
 * of `root=` mean; wait for it as long as it takes, as Linux's rootwait does. LABEL is that of an
 * ext2, ext3 or ext4 file system. Kernel events are listened to before the first look, so that no
 * disk can come unnoticed between a look and the wait.
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BLOCK "/sys/class/block"
#define NODE_BYTES 300
/* No event says that nothing more will come: when nothing came for as long, as systemd waits. */
#define QUIET_SECONDS 90

/* The ext2 family's superblock: where its magic number and label lie. */
#define SUPERBLOCK 1024
#define MAGIC_AT 56
#define LABEL_AT 120
#define LABEL_BYTES 16

static int listen_to_kernel(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	int events = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);

	if (events < 0 || bind(events, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -1;
	return events;
}

static bool has_label(const char *node, const char *label)
{
	uint8_t block[LABEL_AT + LABEL_BYTES];
	int file = open(node, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (file < 0)
		return false;
	got = pread(file, block, sizeof(block), SUPERBLOCK);
	close(file);
	return got == (ssize_t)sizeof(block) && block[MAGIC_AT] == 0x53 &&
	       block[MAGIC_AT + 1] == 0xef &&
	       !strncmp((const char *)block + LABEL_AT, label, LABEL_BYTES);
}

static bool find_label(const char *label, char *node)
{
	DIR *disks = opendir(BLOCK);
	bool found = false;

	for (struct dirent *disk; disks && !found && (disk = readdir(disks));) {
		snprintf(node, NODE_BYTES, "/dev/%s", disk->d_name);
		/* A slash in a name is an exclamation mark there (cciss!c0d0). */
		for (char *mark = node; (mark = strchr(mark, '!'));)
			*mark = '/';
		found = disk->d_name[0] != '.' && has_label(node, label);
	}
	if (disks)
		closedir(disks);
	return found;
}

/* device_add_disk() of Linux makes the node first, then what it opens, and then the event. */
static bool can_be_opened(const char *node)
{
	int file = open(node, O_RDONLY | O_CLOEXEC);

	if (file >= 0)
		close(file);
	return file >= 0;
}

static bool find(const char *wanted, char *node)
{
	if (!strncmp(wanted, "LABEL=", 6))
		return find_label(wanted + 6, node);
	snprintf(node, NODE_BYTES, "%s", wanted);
	return can_be_opened(node);
}

static bool something_came(int events)
{
	struct pollfd one = { .fd = events, .events = POLLIN };

	return poll(&one, 1, QUIET_SECONDS * 1000) != 0;
}

static int say_which_there_are(void)
{
	DIR *disks = opendir(BLOCK);

	fprintf(stderr, "find-disk: nothing new for %d s; there are:", QUIET_SECONDS);
	for (struct dirent *disk; disks && (disk = readdir(disks));)
		if (disk->d_name[0] != '.')
			fprintf(stderr, " %s", disk->d_name);
	fputs("\n", stderr);
	if (disks)
		closedir(disks);
	return 1;
}

int main(int count, char **words)
{
	char node[NODE_BYTES], event[4096];
	bool said = false;
	int events;

	if (count != 2)
		return 2;
	events = listen_to_kernel();
	if (events < 0) {
		perror("find-disk: kernel events");
		return 1;
	}
	while (!find(words[1], node)) {
		if (!said)
			fprintf(stderr, "Waiting for the disk %s\n", words[1]);
		said = true;
		/* Lost events (ENOBUFS) are a reason to look, too. */
		if (!something_came(events))
			return say_which_there_are();
		recv(events, event, sizeof(event), MSG_DONTWAIT);
	}
	puts(node);
	return 0;
}
