// SPDX-License-Identifier: GPL-2.0
/*
 * What clients ask of disks (VIRTIO 1.2, 5.2). A request is done by a bio on pages of our own,
 * never through the page cache: so it is answered when the disk has done it, and memory that a
 * device may still reach is never the client's, who can end at any moment.
 *
 * When this Linux ends, its disks are reset, and the client is not told. What has been acknowledged
 * must be there afterwards: where a disk has a cache that a reset could lose, each write goes
 * through it (FUA) before it is answered.
 */
#include <linux/bio.h>
#include <linux/blkdev.h>
#include "serve-block.h"

#define CHUNK_ORDER	3	/* of pages that follow each other, where there are such */

static_assert(PURLIN_DISK_BYTES >> PAGE_SHIFT <= BIO_MAX_VECS);

static struct block_device *bdev_of(const struct purlin_request *request)
{
	return ((struct purlin_disk *)request->served->device)->bdev;
}

/* What the disk has read goes to the client, chunk by chunk. */
static void data_give(struct purlin_request *request)
{
	struct purlin_ring *ring = &request->served->ring;
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

/* They are taken in process context and put from any, so each place is changed at once. */
static struct page *spare_take(struct page **spare)
{
	struct page *page = NULL;
	unsigned int i;

	for (i = 0; !page && i < PURLIN_CHUNKS; i++)
		if (READ_ONCE(spare[i]))
			page = xchg(&spare[i], NULL);
	return page;
}

static void spare_put(struct page **spare, struct page *page)
{
	unsigned int i;

	for (i = 0; page && i < PURLIN_CHUNKS; i++)
		if (!READ_ONCE(spare[i]))
			page = xchg(&spare[i], page);
	if (page)
		put_page(page);
}

static void chunks_put(struct purlin_chunks *chunks, const struct bio *bio)
{
	unsigned int i;

	for (i = 0; i < bio->bi_vcnt; i++) {
		struct page *page = bio->bi_io_vec[i].bv_page;
		unsigned int order = compound_order(page);

		if (order && order < CHUNK_ORDER)
			put_page(page);
		else
			spare_put(order ? chunks->large : chunks->small, page);
	}
}

void purlin_chunks_free(struct purlin_chunks *chunks)
{
	struct page *page;

	while ((page = spare_take(chunks->large)) || (page = spare_take(chunks->small)))
		put_page(page);
}

bool purlin_request_end(struct purlin_request *request)
{
	struct bio *bio = request->bio;
	bool done = !bio->bi_status;

	if (done && bio_op(bio) == REQ_OP_READ)
		data_give(request);
	if (request->pages)
		chunks_put(request->chunks, bio);
	bio_put(bio);
	return done;
}

static void bio_done(struct bio *bio)
{
	purlin_request_done(bio->bi_private);
}

static struct bio *bio_make(struct purlin_request *request, blk_opf_t operation, unsigned int pages)
{
	struct bio *bio = bio_alloc(bdev_of(request), pages, operation, GFP_NOIO);

	bio->bi_private = request;
	bio->bi_end_io = bio_done;
	return bio;
}

void purlin_request_flush(struct purlin_request *request)
{
	request->bio = bio_make(request, REQ_OP_WRITE | REQ_PREFLUSH, 0);
	submit_bio(request->bio);
}

/* A chunk of at most so many bytes, or a page; how many of its bytes are for use. */
static struct page *chunk_new(struct purlin_chunks *chunks, u32 most, u32 *bytes)
{
	unsigned int order = most < PAGE_SIZE ? 0 : min(ilog2(most) - PAGE_SHIFT, CHUNK_ORDER);
	struct page *page = NULL;

	if (!order || order == CHUNK_ORDER)
		page = spare_take(order ? chunks->large : chunks->small);
	if (!page && order)
		page = alloc_pages(GFP_NOIO | __GFP_COMP | __GFP_NORETRY | __GFP_NOWARN, order);
	if (!page) {
		order = 0;
		page = alloc_page(GFP_NOIO);
	}
	*bytes = min_t(u32, most, PAGE_SIZE << order);
	return page;
}

/* Chunks for the data of a bio; with what the client has written, if the disk is to have that. */
static bool chunks_add(struct purlin_request *request, bool write)
{
	struct purlin_ring *ring = &request->served->ring;
	u32 at, some;

	for (at = 0; at < request->bytes; at += some) {
		struct page *page = chunk_new(request->chunks, request->bytes - at, &some);

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
static bool submit(struct purlin_request *request, blk_opf_t operation, u64 sector)
{
	bool data = operation_has_data(operation);
	unsigned int pages = data ? DIV_ROUND_UP(request->bytes, PAGE_SIZE) : 0;
	struct bio *bio = bio_make(request, operation, pages);

	request->bio = bio;
	bio->bi_iter.bi_sector = sector;
	if (!data)
		bio->bi_iter.bi_size = request->bytes;
	if (data && !chunks_add(request, op_is_write(operation))) {
		chunks_put(request->chunks, bio);
		bio_put(bio);
		return false;
	}
	request->pages = pages;
	purlin_request_counts(request);
	submit_bio(bio);
	return true;
}

static bool unsupported(struct purlin_request *request)
{
	request->status = VIRTIO_BLK_S_UNSUPP;
	return false;
}

static bool has_cache(const struct purlin_request *request)
{
	return bdev_write_cache(bdev_of(request));
}

static bool range_valid(const struct purlin_request *request, u64 sector, u64 sectors)
{
	struct block_device *bdev = bdev_of(request);
	u64 capacity = bdev_nr_sectors(bdev);
	u64 mask = (bdev_logical_block_size(bdev) >> SECTOR_SHIFT) - 1;

	return sectors && !((sector | sectors) & mask) && sector <= capacity &&
	       sectors <= capacity - sector;
}

static bool data_begin(struct purlin_request *request, bool write)
{
	u64 sector = le64_to_cpu((__force __le64)request->header.sector);
	u32 most = write ? request->chain.readable - sizeof(request->header) :
			   request->chain.writable - 1;

	if (most > PURLIN_DISK_BYTES || most % SECTOR_SIZE ||
	    !range_valid(request, sector, most >> SECTOR_SHIFT))
		return false;
	request->bytes = most;
	if (!write)
		return submit(request, REQ_OP_READ, sector);
	return submit(request, REQ_OP_WRITE | (has_cache(request) ? REQ_FUA : 0), sector);
}

/* Discard or write-zeroes: one range, as the configuration says. */
static bool range_begin(struct purlin_request *request, blk_opf_t operation, u32 flags)
{
	struct virtio_blk_discard_write_zeroes range;
	u64 sector;
	u32 sectors;

	if (request->chain.readable != sizeof(request->header) + sizeof(range) ||
	    !purlin_chain_read(&request->served->ring, &request->chain,
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
	return submit(request, operation, sector);
}

static bool zeroes_begin(struct purlin_request *request)
{
	if (!(request->served->info.features & BIT_ULL(VIRTIO_BLK_F_WRITE_ZEROES)))
		return unsupported(request);
	return range_begin(request, REQ_OP_WRITE_ZEROES | REQ_NOUNMAP,
			   VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP);
}

static bool discard_begin(struct purlin_request *request)
{
	if (!(request->served->info.features & BIT_ULL(VIRTIO_BLK_F_DISCARD)))
		return unsupported(request);
	return range_begin(request, REQ_OP_DISCARD, 0);
}

static void identity_give(struct purlin_request *request)
{
	const struct purlin_served *served = request->served;
	char text[VIRTIO_BLK_ID_BYTES] = { 0 };

	memcpy(text, served->identity, min(strlen(served->identity), sizeof(text)));
	if (request->chain.writable > sizeof(text) &&
	    purlin_chain_write(&request->served->ring, &request->chain, 0, text,
			       sizeof(text)))
		request->status = VIRTIO_BLK_S_OK;
}

static bool may_write(const struct purlin_request *request)
{
	return !request->served->read_only;
}

bool purlin_request_begin(struct purlin_request *request)
{
	struct purlin_ring *ring = &request->served->ring;

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
		return submit(request, REQ_OP_WRITE | REQ_PREFLUSH, 0);
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
