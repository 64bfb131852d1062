// SPDX-License-Identifier: GPL-2.0
/*
 * Sessions of clients with disks of this Linux. Requests are taken by a work item, for a disk may
 * have them wait. They are answered where the disk says that they are done, most often in its
 * interrupt, so that no thread has to be woken up for that.
 */
#include <linux/bio.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include "serve-block.h"

/* Of a client: what it may make us hold, and what is done before others get their turn. */
#define IN_FLIGHT	64
#define PAGES_IN_FLIGHT	1024
#define REQUESTS_IN_TURN 64
/* More data than this is not given to a client with interrupts off. */
#define BYTES_AT_ONCE	65536

struct disk_session {
	struct purlin_served *served;
	struct llist_head done;		/* by the disk; the rest is the work item's */
	struct purlin_request *spare;	/* for the next one */
	struct purlin_chunks chunks;
	wait_queue_head_t idle;
	/* Of what follows, and of the ring: held where requests are taken, and answered. */
	spinlock_t lock;
	struct list_head under_way;	/* the oldest first */
	unsigned int in_flight, pages;
	bool full;			/* something may wait for an answer to make room */
};

static struct disk_session *session_of(const struct purlin_request *request)
{
	return request->served->session;
}

static struct purlin_request *request_new(struct disk_session *session)
{
	struct purlin_request *request = xchg(&session->spare, NULL);

	if (!request)
		request = kmalloc(sizeof(*request), GFP_NOIO);
	if (!request)
		return NULL;
	memset_startat(request, 0, served);
	request->served = session->served;
	request->chunks = &session->chunks;
	return request;
}

static void request_free(struct purlin_request *request)
{
	kfree(xchg(&session_of(request)->spare, request));
}

/* The client is told with the lock held: afterwards the session may be gone. */
static void answer(const struct purlin_request *request)
{
	struct purlin_served *served = request->served;
	const struct purlin_chain *chain = &request->chain;
	u32 written = 0;

	if (chain->writable) {
		purlin_chain_write(&served->ring, chain, chain->writable - 1, &request->status, 1);
		/* Of a request that failed only the status is there, and that is at the end. */
		if (request->status == VIRTIO_BLK_S_OK)
			written = chain->writable;
	}
	/* When the ring is broken, the client learns that without having to look. */
	if (purlin_ring_answer(&served->ring, 0, chain->head, written) || served->ring.over)
		purlin_served_tell(served);
}

/* Nobody else can tell that a disk does not do what it was asked to. */
static void oldest_tell(struct disk_session *session)
{
	struct purlin_request *oldest = list_first_entry_or_null(&session->under_way,
								 struct purlin_request, under_way);

	purlin_hang_oldest(&session->served->hang, oldest ? oldest->since : 0);
}

void purlin_request_counts(struct purlin_request *request)
{
	struct disk_session *session = session_of(request);
	unsigned long flags;

	spin_lock_irqsave(&session->lock, flags);
	session->pages += request->pages;
	session->in_flight++;
	request->since = purlin_hang_now();
	list_add_tail(&request->under_way, &session->under_way);
	oldest_tell(session);
	spin_unlock_irqrestore(&session->lock, flags);
}

static void request_finish(struct purlin_request *request)
{
	struct disk_session *session = session_of(request);
	unsigned int pages = request->pages;
	unsigned long flags;

	if (purlin_request_end(request)) {
		request->pages = 0;
		if (request->flush) {
			request->flush = false;
			purlin_request_flush(request);
			return;
		}
		request->status = VIRTIO_BLK_S_OK;
	}
	spin_lock_irqsave(&session->lock, flags);
	session->pages -= pages;
	list_del(&request->under_way);
	oldest_tell(session);
	answer(request);
	request_free(request);
	if (session->full)
		purlin_served_again(session->served);
	session->full = false;
	if (!--session->in_flight)
		wake_up(&session->idle);
	spin_unlock_irqrestore(&session->lock, flags);
}

static bool is_short(const struct purlin_request *request)
{
	return request->bytes <= BYTES_AT_ONCE || bio_op(request->bio) != REQ_OP_READ;
}

void purlin_request_done(struct purlin_request *request)
{
	struct purlin_served *served = request->served;

	if (!request->flush && is_short(request)) {
		request_finish(request);
		return;
	}
	llist_add(&request->done, &session_of(request)->done);
	purlin_served_again(served);
}

static bool has_room(const struct disk_session *session)
{
	return session->in_flight < IN_FLIGHT &&
	       session->pages + (PURLIN_DISK_BYTES >> PAGE_SHIFT) <= PAGES_IN_FLIGHT;
}

/* What finds no room waits for the disk. */
static bool request_next(struct disk_session *session, struct purlin_request *request)
{
	unsigned long flags;
	bool found;

	spin_lock_irqsave(&session->lock, flags);
	session->full = !has_room(session);
	found = !session->full && purlin_ring_next(&session->served->ring, 0, &request->chain);
	spin_unlock_irqrestore(&session->lock, flags);
	return found;
}

static void request_refuse(struct purlin_request *request)
{
	struct disk_session *session = session_of(request);
	unsigned long flags;

	spin_lock_irqsave(&session->lock, flags);
	answer(request);
	spin_unlock_irqrestore(&session->lock, flags);
	request_free(request);
}

/* Whether there may be more. */
static bool requests_take(struct disk_session *session)
{
	unsigned int turn;

	for (turn = 0; turn < REQUESTS_IN_TURN; turn++) {
		struct purlin_request *request = request_new(session);

		if (!request)
			return true;
		if (!request_next(session, request)) {
			request_free(request);
			return false;
		}
		if (!purlin_request_begin(request))
			request_refuse(request);
	}
	return true;
}

static void requests_finish(struct disk_session *session)
{
	struct llist_node *done = llist_reverse_order(llist_del_all(&session->done));
	struct purlin_request *request, *next;

	llist_for_each_entry_safe(request, next, done, done)
		request_finish(request);
}

static void disk_work(struct purlin_served *served)
{
	struct disk_session *session = served->session;
	bool more;

	/* While we look anyway, the client need not tell us. */
	purlin_ring_signals(&served->ring, 0, false);
	requests_finish(session);
	more = requests_take(session);
	purlin_ring_signals(&served->ring, 0, true);
	/* What came before the client saw that, it did not tell. */
	if (requests_take(session) || more)
		purlin_served_again(served);
	/* When it is broken, the client learns that without having to look. */
	if (served->ring.over)
		purlin_served_tell(served);
}

static int disk_start(struct purlin_served *served)
{
	struct disk_session *session = kzalloc(sizeof(*session), GFP_KERNEL);

	if (!session)
		return -ENOMEM;
	session->served = served;
	init_llist_head(&session->done);
	INIT_LIST_HEAD(&session->under_way);
	init_waitqueue_head(&session->idle);
	spin_lock_init(&session->lock);
	served->session = session;
	return 0;
}

static bool is_idle(struct disk_session *session)
{
	bool idle;

	/* Who answers the last request has let go of the lock, and of the session. */
	spin_lock_irq(&session->lock);
	idle = !session->in_flight;
	spin_unlock_irq(&session->lock);
	return idle;
}

static void disk_stop(struct purlin_served *served)
{
	struct disk_session *session = served->session;

	wait_event(session->idle, is_idle(session));
}

static void disk_release(struct purlin_served *served)
{
	struct disk_session *session = served->session;

	kfree(session->spare);
	purlin_chunks_free(&session->chunks);
	kfree(session);
	served->session = NULL;
}

static struct purlin_serve_kind disks = {
	.service = "Block",
	.find = purlin_disk_find,
	.gone = purlin_disk_gone,
	.lose = purlin_disk_lose,
	.start = disk_start,
	.work = disk_work,
	.stop = disk_stop,
	.release = disk_release,
};

static int __init disks_register(void)
{
	purlin_serve_register(&disks);
	return purlin_disks_watch();
}
device_initcall(disks_register);
