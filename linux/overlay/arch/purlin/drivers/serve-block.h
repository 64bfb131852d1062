/* SPDX-License-Identifier: GPL-2.0 */
/* Disks that are served: serve-disk.c finds them, serve-block.c does requests. */
#ifndef _PURLIN_SERVE_BLOCK_H
#define _PURLIN_SERVE_BLOCK_H

#include "serve.h"

/* What the configuration promises of a request: buffers with data, and the length of each. */
#define PURLIN_DISK_SEGMENTS	(PURLIN_SEGMENTS - 2)
#define PURLIN_DISK_LENGTH	16384
/* Sectors that are discarded or zeroed at once: they take as long as many requests. */
#define PURLIN_DISK_RANGE	2048

struct purlin_disk {
	struct list_head list;
	bool gone;		/* from this Linux */
	struct file *file;	/* where the tree opens disks as files */
	struct block_device *bdev;
	dev_t under;		/* what holds it: for a file, the disk or partition */
};

/* As struct purlin_serve_kind says; `device` becomes a struct purlin_disk. */
int purlin_disk_find(struct purlin_served *served, const char **problem);
bool purlin_disk_gone(struct purlin_served *served);
void purlin_disk_lose(struct purlin_served *served);
/* From here on disks that come and go are noticed. */
int purlin_disks_watch(void);

#endif /* _PURLIN_SERVE_BLOCK_H */
