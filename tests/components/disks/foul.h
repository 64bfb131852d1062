/* SPDX-License-Identifier: MIT */
/* What a hostile server of a disk does to its client. */
#ifndef DISKS_FOUL_H
#define DISKS_FOUL_H

#include "runtime/virtio_server.h"

/* In the labels of its disks. */
#define FOUL_INDEX 0	 /* the used index counts answers that there are not */
#define FOUL_NUMBER 1	 /* the number of a descriptor beyond the queue */
#define FOUL_TWICE 2	 /* the same answer again */
#define FOUL_LENGTH 3	 /* more written than there is room for */
#define FOUL_SHORT 4	 /* success, and nothing written */
#define FOUL_CONFIG 5	 /* the configuration is garbage, and never the same */
#define FOUL_RINGS 6	 /* garbage in all that the client has written, and in the pool */
#define FOUL_BROKEN 7	 /* the session is over, and is not */
#define FOUL_NO_STATUS 8 /* answered, and nothing done */

/* Before the answer to a request: may change what it says. */
void foul_before(struct virtio_server *server, const struct virtio_chain *chain, int how,
		 uint32_t *written);
void foul_after(struct virtio_server *server, int how);

#endif
