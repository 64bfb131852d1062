// SPDX-License-Identifier: GPL-2.0
/*
 * Disks of this Linux for others (VIRTIO 1.2, 5.2). A request is done by a bio on pages of our own,
 * never through the page cache: so it is answered when the disk has done it, and memory that a
 * device may still reach is never the client's, who can end at any moment.
 *
 * When this Linux ends, its disks are reset, and the client is not told. What has been acknowledged
 * must be there afterwards: where a disk has a cache that a reset could lose, each write goes
 * through it (FUA) before it is answered.
 */
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <uapi/linux/virtio_blk.h>
#include "serve.h"
#include "serve-block.h"

#define MOST_BYTES	(PURLIN_DISK_SEGMENTS * PURLIN_DISK_LENGTH)
#define MOST_PAGES	(MOST_BYTES >> PAGE_SHIFT)
/* Of a client: what it may make us hold, and what is done before others get their turn. */
#define IN_FLIGHT	64
#define PAGES_IN_FLIGHT	1024
#define REQUESTS_IN_TURN 64
#define CHUNK_ORDER	3	/* of pages that follow each other, where there are such */

static_assert(MOST_PAGES <= BIO_MAX_VECS);

struct disk_session {
	struct purlin_served *served;
	struct llist_head done;		/* by the disk, and not answered yet */
	struct list_head under_way;	/* the oldest first; by the work item only */
	atomic_t in_flight;
	unsigned int pages;		/* of those, by the work item only */
	struct disk_request *spare;	/* for the next one, by the work item only */
	wait_queue_head_t idle;
};

struct disk_request {
	struct purlin_chain chain;	/* filled in when it is taken; zeroes are what follows */
	struct disk_session *session;
	struct virtio_blk_outhdr header;
	u32 bytes;			/* of data */
	unsigned int pages;
	u8 status;
	bool flush;			/* the disk's cache, before this counts as done */
	struct bio *bio;
	u32 since;			/* purlin_hang_now() */
	struct list_head under_way;
	struct llist_node done;
};

static struct block_device *bdev_of(const struct purlin_served *served)
{
	return ((struct purlin_disk *)served->device)->bdev;
}

static struct disk_request *request_new(struct disk_session *session)
{
	struct disk_request *request = session->spare;

	session->spare = NULL;
	if (!request)
		request = kmalloc(sizeof(*request), GFP_NOIO);
	if (!request)
		return NULL;
	memset_startat(request, 0, session);
	request->session = session;
	return request;
}

static void request_free(struct disk_request *request)
{
	struct disk_session *session = request->session;

	if (session->spare)
		kfree(request);
	else
		session->spare = request;
}

static void request_answer(struct disk_request *request, bool *tell)
{
	struct purlin_ring *ring = &request->session->served->ring;
	struct purlin_chain *chain = &request->chain;
	u32 written = 0;

	if (chain->writable) {
		purlin_chain_write(ring, chain, chain->writable - 1, &request->status, 1);
		/* Of a request that failed only the status is there, and that is at the end. */
		if (request->status == VIRTIO_BLK_S_OK)
			written = chain->writable;
	}
	*tell |= purlin_ring_answer(ring, 0, chain->head, written);
	request_free(request);
}

/* What the disk has read goes to the client, chunk by chunk. */
static void data_give(struct disk_request *request)
{
	struct purlin_ring *ring = &request->session->served->ring;
	const struct bio *bio = request->bio;
	unsigned int i;
	u32 at = 0;

	for (i = 0; i < bio->bi_vcnt; i++) {
		const struct bio_vec *chunk = &bio->bi_io_vec[i];

		purlin_chain_write(ring, &request->chain, at, page_address(chunk->bv_page),
				   chunk->bv_len);
		at += chunk->bv_len;
	}
}

static void chunks_free(const struct bio *bio)
{
	unsigned int i;

	for (i = 0; i < bio->bi_vcnt; i++)
		put_page(bio->bi_io_vec[i].bv_page);
}

static void bio_done(struct bio *bio);

static struct bio *bio_make(struct disk_request *request, blk_opf_t operation, unsigned int pages)
{
	struct block_device *bdev = bdev_of(request->session->served);
	struct bio *bio = bio_alloc(bdev, pages, operation, GFP_NOIO);

	bio->bi_private = request;
	bio->bi_end_io = bio_done;
	return bio;
}

/* Nobody else can tell that a disk does not do what it was asked to. */
static void oldest_tell(struct disk_session *session)
{
	struct disk_request *oldest = list_first_entry_or_null(&session->under_way,
							       struct disk_request, under_way);

	purlin_hang_oldest(&session->served->hang, oldest ? oldest->since : 0);
}

static void request_finish(struct disk_request *request, bool *tell)
{
	struct disk_session *session = request->session;
	bool done = !request->bio->bi_status;

	if (done && bio_op(request->bio) == REQ_OP_READ)
		data_give(request);
	if (request->pages)
		chunks_free(request->bio);
	bio_put(request->bio);
	session->pages -= request->pages;
	request->pages = 0;
	if (done && request->flush) {
		request->flush = false;
		request->bio = bio_make(request, REQ_OP_WRITE | REQ_PREFLUSH, 0);
		submit_bio(request->bio);
		return;
	}
	if (done)
		request->status = VIRTIO_BLK_S_OK;
	list_del(&request->under_way);
	oldest_tell(session);
	request_answer(request, tell);
	if (atomic_dec_and_test(&session->in_flight))
		wake_up(&session->idle);
}

static void bio_done(struct bio *bio)
{
	struct disk_request *request = bio->bi_private;
	struct purlin_served *served = request->session->served;

	llist_add(&request->done, &request->session->done);
	purlin_served_again(served);
}

/* A chunk of at most so many bytes, or a page; how many of its bytes are for use. */
static struct page *chunk_new(u32 most, u32 *bytes)
{
	unsigned int order = most < PAGE_SIZE ? 0 : min(ilog2(most) - PAGE_SHIFT, CHUNK_ORDER);
	struct page *page = NULL;

	if (order)
		page = alloc_pages(GFP_NOIO | __GFP_COMP | __GFP_NORETRY | __GFP_NOWARN, order);
	if (!page) {
		order = 0;
		page = alloc_page(GFP_NOIO);
	}
	*bytes = min_t(u32, most, PAGE_SIZE << order);
	return page;
}

/* Chunks for the data of a bio; with what the client has written, if the disk is to have that. */
static bool chunks_add(struct disk_request *request, bool write)
{
	struct purlin_ring *ring = &request->session->served->ring;
	u32 at, some;

	for (at = 0; at < request->bytes; at += some) {
		struct page *page = chunk_new(request->bytes - at, &some);

		if (!page)
			return false;
		__bio_add_page(request->bio, page, some, 0);
		if (write && !purlin_chain_read(ring, &request->chain,
						sizeof(request->header) + at, page_address(page),
						some))
			return false;
	}
	return true;
}

static bool operation_has_data(blk_opf_t operation)
{
	enum req_op kind = operation & REQ_OP_MASK;

	return kind == REQ_OP_READ || (kind == REQ_OP_WRITE && !(operation & REQ_PREFLUSH));
}

/* True: the disk has it. */
static bool request_submit(struct disk_request *request, blk_opf_t operation, u64 sector)
{
	struct disk_session *session = request->session;
	bool data = operation_has_data(operation);
	unsigned int pages = data ? DIV_ROUND_UP(request->bytes, PAGE_SIZE) : 0;
	struct bio *bio = bio_make(request, operation, pages);

	request->bio = bio;
	bio->bi_iter.bi_sector = sector;
	if (!data)
		bio->bi_iter.bi_size = request->bytes;
	if (data && !chunks_add(request, op_is_write(operation))) {
		chunks_free(bio);
		bio_put(bio);
		return false;
	}
	request->pages = pages;
	session->pages += pages;
	atomic_inc(&session->in_flight);
	request->since = purlin_hang_now();
	list_add_tail(&request->under_way, &session->under_way);
	oldest_tell(session);
	submit_bio(bio);
	return true;
}

static bool unsupported(struct disk_request *request)
{
	request->status = VIRTIO_BLK_S_UNSUPP;
	return false;
}

static bool has_cache(const struct disk_request *request)
{
	return bdev_write_cache(bdev_of(request->session->served));
}

static bool range_valid(const struct disk_request *request, u64 sector, u64 sectors)
{
	struct block_device *bdev = bdev_of(request->session->served);
	u64 capacity = bdev_nr_sectors(bdev);
	u64 mask = (bdev_logical_block_size(bdev) >> SECTOR_SHIFT) - 1;

	return sectors && !((sector | sectors) & mask) && sector <= capacity &&
	       sectors <= capacity - sector;
}

static bool data_begin(struct disk_request *request, bool write)
{
	u64 sector = le64_to_cpu((__force __le64)request->header.sector);
	u32 most = write ? request->chain.readable - sizeof(request->header) :
			   request->chain.writable - 1;

	if (most > MOST_BYTES || most % SECTOR_SIZE ||
	    !range_valid(request, sector, most >> SECTOR_SHIFT))
		return false;
	request->bytes = most;
	if (!write)
		return request_submit(request, REQ_OP_READ, sector);
	return request_submit(request, REQ_OP_WRITE | (has_cache(request) ? REQ_FUA : 0), sector);
}

/* Discard or write-zeroes: one range, as the configuration says. */
static bool range_begin(struct disk_request *request, blk_opf_t operation, u32 flags)
{
	struct virtio_blk_discard_write_zeroes range;
	u64 sector;
	u32 sectors;

	if (request->chain.readable != sizeof(request->header) + sizeof(range) ||
	    !purlin_chain_read(&request->session->served->ring, &request->chain,
			       sizeof(request->header), &range, sizeof(range)))
		return false;
	if (le32_to_cpu(range.flags) & ~flags) {
		request->status = VIRTIO_BLK_S_UNSUPP;
		return false;
	}
	sector = le64_to_cpu(range.sector);
	sectors = le32_to_cpu(range.num_sectors);
	if (sectors > PURLIN_DISK_RANGE || !range_valid(request, sector, sectors))
		return false;
	request->bytes = sectors << SECTOR_SHIFT;
	request->flush = has_cache(request);
	return request_submit(request, operation, sector);
}

static bool zeroes_begin(struct disk_request *request)
{
	if (!(request->session->served->info.features & BIT_ULL(VIRTIO_BLK_F_WRITE_ZEROES)))
		return unsupported(request);
	return range_begin(request, REQ_OP_WRITE_ZEROES | REQ_NOUNMAP,
			   VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP);
}

static bool discard_begin(struct disk_request *request)
{
	if (!(request->session->served->info.features & BIT_ULL(VIRTIO_BLK_F_DISCARD)))
		return unsupported(request);
	return range_begin(request, REQ_OP_DISCARD, 0);
}

static void identity_give(struct disk_request *request)
{
	const struct purlin_served *served = request->session->served;
	char text[VIRTIO_BLK_ID_BYTES] = { 0 };

	memcpy(text, served->identity, min(strlen(served->identity), sizeof(text)));
	if (request->chain.writable > sizeof(text) &&
	    purlin_chain_write(&request->session->served->ring, &request->chain, 0, text,
			       sizeof(text)))
		request->status = VIRTIO_BLK_S_OK;
}

static bool may_write(const struct disk_request *request)
{
	return !request->session->served->read_only;
}

/* True: the disk has it. False: it is to be answered as it is. */
static bool request_begin(struct disk_request *request)
{
	struct purlin_ring *ring = &request->session->served->ring;

	request->status = VIRTIO_BLK_S_IOERR;
	if (!request->chain.writable ||
	    !purlin_chain_read(ring, &request->chain, 0, &request->header,
			       sizeof(request->header)))
		return false;
	switch (le32_to_cpu((__force __le32)request->header.type)) {
	case VIRTIO_BLK_T_IN:
		return data_begin(request, false);
	case VIRTIO_BLK_T_OUT:
		return may_write(request) && data_begin(request, true);
	case VIRTIO_BLK_T_FLUSH:
		return request_submit(request, REQ_OP_WRITE | REQ_PREFLUSH, 0);
	case VIRTIO_BLK_T_GET_ID:
		identity_give(request);
		return false;
	case VIRTIO_BLK_T_DISCARD:
		return may_write(request) && discard_begin(request);
	case VIRTIO_BLK_T_WRITE_ZEROES:
		return may_write(request) && zeroes_begin(request);
	default:
		return unsupported(request);
	}
}

static bool has_room(const struct disk_session *session)
{
	return atomic_read(&session->in_flight) < IN_FLIGHT &&
	       session->pages + MOST_PAGES <= PAGES_IN_FLIGHT;
}

/* Whether there may be more. What finds no room waits for the disk. */
static bool requests_take(struct disk_session *session, bool *tell)
{
	struct purlin_served *served = session->served;
	unsigned int turn;

	for (turn = 0; turn < REQUESTS_IN_TURN && has_room(session); turn++) {
		struct disk_request *request = request_new(session);

		if (!request)
			return true;
		if (!purlin_ring_next(&served->ring, 0, &request->chain)) {
			request_free(request);
			return false;
		}
		if (request_begin(request))
			continue;
		request_answer(request, tell);
	}
	return turn == REQUESTS_IN_TURN;
}

static void requests_finish(struct disk_session *session, bool *tell)
{
	struct llist_node *done = llist_reverse_order(llist_del_all(&session->done));
	struct disk_request *request, *next;

	llist_for_each_entry_safe(request, next, done, done)
		request_finish(request, tell);
}

static void disk_work(struct purlin_served *served)
{
	struct disk_session *session = served->session;
	bool tell = false, more;

	/* While we look anyway, the client need not tell us. */
	purlin_ring_signals(&served->ring, 0, false);
	requests_finish(session, &tell);
	more = requests_take(session, &tell);
	purlin_ring_signals(&served->ring, 0, true);
	/* What came before the client saw that, it did not tell. */
	if (requests_take(session, &tell) || more)
		purlin_served_again(served);
	/* When it is broken, the client learns that without having to look. */
	if (tell || served->ring.over)
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
	served->session = session;
	return 0;
}

static void disk_stop(struct purlin_served *served)
{
	struct disk_session *session = served->session;

	wait_event(session->idle, !atomic_read(&session->in_flight));
}

static void disk_release(struct purlin_served *served)
{
	struct disk_session *session = served->session;

	kfree(session->spare);
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
