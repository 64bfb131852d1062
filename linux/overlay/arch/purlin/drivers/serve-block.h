/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Disks that are served: serve-disk.c finds them, serve-block.c has sessions with clients, and
 * serve-request.c does what they ask for.
 */
#ifndef _PURLIN_SERVE_BLOCK_H
#define _PURLIN_SERVE_BLOCK_H

#include <linux/llist.h>
#include <linux/blk_types.h>
#include <uapi/linux/virtio_blk.h>
#include "serve.h"

/* What the configuration promises of a request: buffers with data, and the length of each. */
#define PURLIN_DISK_SEGMENTS	(PURLIN_SEGMENTS - 2)
#define PURLIN_DISK_LENGTH	16384
#define PURLIN_DISK_BYTES	(PURLIN_DISK_SEGMENTS * PURLIN_DISK_LENGTH)
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

/* Of a session: pages that requests have left, for the next ones. */
#define PURLIN_CHUNKS	4
struct purlin_chunks {
	struct page *large[PURLIN_CHUNKS], *small[PURLIN_CHUNKS];
};

struct purlin_request {
	struct purlin_chain chain;	/* filled in when it is taken; zeroes are what follows */
	struct purlin_served *served;
	struct purlin_chunks *chunks;
	struct virtio_blk_outhdr header;
	u32 bytes;			/* of data */
	unsigned int pages;		/* of ours, for these */
	u8 status;
	bool flush;			/* the disk's cache, before this counts as done */
	struct bio *bio;
	u32 since;			/* purlin_hang_now() */
	struct list_head under_way;
	struct llist_node done;
};

/*
 * Find out what is asked for, and hand it to the disk (process context). False: it is to be
 * answered with `status`. The two below are called, by serve-request.c, before the disk has it and
 * when it is done; the latter from any context, and before the former's caller goes on.
 */
bool purlin_request_begin(struct purlin_request *request);
void purlin_request_counts(struct purlin_request *request);
void purlin_request_done(struct purlin_request *request);
/* Whether the disk did it. Its bio goes, and what the disk has read is the client's. */
bool purlin_request_end(struct purlin_request *request);
/* No request is left. */
void purlin_chunks_free(struct purlin_chunks *chunks);
/* Have the disk write its cache, too, before the request counts as done. Process context. */
void purlin_request_flush(struct purlin_request *request);

#endif /* _PURLIN_SERVE_BLOCK_H */
