// SPDX-License-Identifier: MIT
/*
 * Requests of clients of disks: of one in memory (lib/virtio/block.c), and of partitions, on their
 * way to a disk that answers late, too little or never (servers/partitions/jobs.c). Clients ask for
 * anything, end, and come again. Nobody reads or changes what is another's, what nobody has written
 * gets onto no disk, and whoever stays is answered once.
 */
#include "input.h"

#include "servers/partitions/disk.h"
#include "servers/partitions/jobs.h"
#include "virtio_step.h"

#define SHARES 3 /* the last is read only */
#define SHARE_SECTORS 8
#define SECTORS (8 + SHARES * SHARE_SECTORS + 8)
#define NOBODY 0xee /* contents that are in no partition */
#define QUEUE_SIZE 32
#define SLOTS 8 /* requests of a client at a time; the last may be large */
#define LARGE (DISK_DATA_BYTES + 0x1000)
#define STATUS 64 /* in a slot, behind the header */
#define DATA 0x1000
#define SLOT_BYTES (2 * DATA)
#define SLOTS_BYTES (SLOTS * SLOT_BYTES + LARGE)
#define PAGES ((VIRTIO_POOL(QUEUE_SIZE, 1) + SLOTS_BYTES) / 0x1000)
#define STEPS 120

static const struct virtio_kind kind = {
	.type = VIRTIO_TYPE_BLOCK,
	.features = VIRTIO_FEATURE_VERSION_1,
	.queues = 1,
	.queue_size = QUEUE_SIZE,
};

struct asked {
	bool waiting;
	uint32_t type, bytes;
};

static struct asker {
	struct client client;
	bool lives;
	uint8_t *memory; /* PAGES of them */
	struct virtio_client_queue queue;
	struct virtio_client_entry entry[QUEUE_SIZE];
	struct asked asked[SLOTS];
} askers[SHARES];

/* On its way to the disk. */
static struct sent {
	bool pending;
	bool stale; /* of a client that has ended */
	unsigned int share;
	uint32_t type, out, in;
	uint64_t sector;
} sent[DISK_JOBS];

static struct share shares[SHARES];
static bool zeroed[SHARES]; /* somebody has asked for zeroes there */
static _Alignas(0x1000) uint8_t memory[SHARES][PAGES * 0x1000];
static uint8_t *contents;
static uint8_t data[DISK_JOBS][DISK_DATA_BYTES];
static struct input *current;
static bool lost;

static uint8_t pattern(unsigned int share)
{
	return (uint8_t)(0x10 + share);
}

static uint8_t *slot_at(const struct asker *asker, unsigned int slot)
{
	return asker->memory + VIRTIO_POOL(QUEUE_SIZE, 1) + slot * SLOT_BYTES;
}

/* What the target `virtio` watches in the library's queues is left alone here. */
void virtio_step(void)
{
}

static void about_to_load(void *address, unsigned int bytes)
{
	(void)address;
	(void)bytes;
}

#define ON_LOAD about_to_load
#include "loads.h"

/* The server's surroundings. */

bool device_client_lives(const struct device_client *client)
{
	return ((const struct asker *)client)->lives;
}

void virtio_session_notify(const struct virtio_session *session)
{
	(void)session;
}

uint8_t *disk_data(unsigned int job)
{
	MUST(job < DISK_JOBS && !sent[job].pending);
	return data[job];
}

purlin_u64 disk_offers(purlin_u64 features)
{
	return features;
}

bool disk_lost(void)
{
	return lost;
}

void disk_notify(void)
{
}

/* Which partition all of it lies in. */
static unsigned int share_at(uint64_t sector, uint64_t sectors)
{
	for (unsigned int i = 0; i < SHARES; i++)
		if (sector >= shares[i].first &&
		    sector + sectors <= shares[i].first + SHARE_SECTORS)
			return i;
	MUST(false);
	return 0;
}

void disk_send(unsigned int job, uint32_t type, purlin_u64 sector, uint32_t out, uint32_t in)
{
	struct sent *one = &sent[job];

	MUST(job < DISK_JOBS && !one->pending && !lost);
	MUST(out <= DISK_DATA_BYTES && in <= DISK_DATA_BYTES && out % 16 == 0 && in % 512 == 0);
	*one = (struct sent){ true, false, SHARES, type, out, in, sector };
	if (type == BLOCK_DISCARD || type == BLOCK_WRITE_ZEROES) {
		struct block_range range;

		MUST(out == sizeof(range));
		memcpy(&range, data[job], sizeof(range));
		MUST(range.sectors);
		one->sector = range.sector;
		one->share = share_at(range.sector, range.sectors);
		one->out = range.sectors * BLOCK_SECTOR;
	} else if (type != BLOCK_FLUSH) {
		one->share = share_at(sector, (out + in) / BLOCK_SECTOR);
	}
	/* It could be overwritten by what the partition's client before had written. */
	for (unsigned int i = 0; i < DISK_JOBS; i++)
		MUST(!sent[i].pending || !sent[i].stale || sent[i].share != one->share ||
		     one->share == SHARES);
	MUST(type == BLOCK_READ || type == BLOCK_FLUSH || !shares[one->share].read_only);
}

/* What the disk does, if it does it: the number of bytes that it says it has read. */
static uint32_t disk_do(struct sent *one, unsigned int job)
{
	uint8_t *at = contents + one->sector * BLOCK_SECTOR;

	switch (one->type) {
	case BLOCK_WRITE:
		memcpy(at, data[job], one->out);
		return 0;
	case BLOCK_WRITE_ZEROES:
		memset(at, 0, one->out);
		return 0;
	case BLOCK_READ:
		if (input_byte(current) < 64)
			return input_choice(current, one->in);
		memcpy(data[job], at, one->in);
		return one->in;
	default:
		return 0;
	}
}

bool disk_answer(unsigned int *job, uint8_t *status, uint32_t *bytes)
{
	unsigned int first = input_byte(current);

	if (lost || first < 64)
		return false;
	for (unsigned int i = 0; i < DISK_JOBS; i++) {
		struct sent *one = &sent[(first + i) % DISK_JOBS];

		if (!one->pending)
			continue;
		*job = (unsigned int)(one - sent);
		*status = input_byte(current) < 200 ? BLOCK_OK : input_byte(current);
		*bytes = *status == BLOCK_OK ? disk_do(one, *job) : 0;
		one->pending = false;
		return true;
	}
	return false;
}

/* The clients. */

static void asker_begin(struct asker *asker)
{
	unsigned int number = (unsigned int)(asker - askers);

	memset(&asker->client, 0, sizeof(asker->client));
	memset(asker->memory, 0, VIRTIO_POOL(QUEUE_SIZE, 1));
	memset(slot_at(asker, 0), pattern(number), SLOTS_BYTES);
	memset(asker->asked, 0, sizeof(asker->asked));
	asker->client.share = &shares[number];
	asker->lives = true;
	virtio_client_open(&asker->queue, asker->memory, 0, QUEUE_SIZE, asker->entry);
	MUST(!virtio_server_start(&asker->client.device.session.server, &kind, asker->memory, PAGES,
				  kind.features, QUEUE_SIZE));
}

/*
 * Its memory goes, and reads as zeroes; the server hears of it later. Headers stay, as if they had
 * been read just before.
 */
static void asker_end(struct asker *asker)
{
	asker->lives = false;
	for (unsigned int i = 0; i < SLOTS; i++)
		memset(slot_at(asker, i) + DATA, 0, i + 1 < SLOTS ? DATA : DATA + LARGE);
}

static uint64_t odd(uint64_t right)
{
	return input_byte(current) < 225 ? right : input_number(current);
}

static void ask(struct asker *asker, unsigned int slot)
{
	static const uint32_t types[] = { BLOCK_READ,	 BLOCK_WRITE,	    BLOCK_READ,
					  BLOCK_WRITE,	 BLOCK_FLUSH,	    BLOCK_IDENTITY,
					  BLOCK_DISCARD, BLOCK_WRITE_ZEROES };
	struct asked *asked = &asker->asked[slot];
	uint8_t *at = slot_at(asker, slot);
	uint64_t offset = (uint64_t)(at - asker->memory), sector = input_choice(current, 9);
	uint32_t type = (uint32_t)odd(types[input_choice(current, 8)]);
	uint32_t bytes = BLOCK_SECTOR * input_choice(current, 6);
	struct block_header header = { type, 0, odd(sector) };
	struct block_range range = { odd(sector), (uint32_t)odd(input_choice(current, 10)),
				     input_choice(current, 3) };
	bool ranged = type == BLOCK_DISCARD || type == BLOCK_WRITE_ZEROES;
	struct virtio_buffer buffer[3] = { { offset, sizeof(header), false } };
	unsigned int count = 1;

	if (asked->waiting || !asker->lives)
		return;
	if (ranged)
		bytes = sizeof(range);
	else if (type == BLOCK_IDENTITY)
		bytes = BLOCK_IDENTITY_BYTES;
	else if (slot + 1 == SLOTS && input_byte(current) > 128)
		bytes = 1 + (uint32_t)input_bytes(current, 3) % LARGE;
	memcpy(at, &header, sizeof(header));
	memset(at + DATA, pattern((unsigned int)(asker - askers)), bytes);
	if (ranged)
		memcpy(at + DATA, &range, sizeof(range));
	zeroed[asker - askers] |= type == BLOCK_WRITE_ZEROES;
	if (bytes)
		buffer[count++] =
			(struct virtio_buffer){ offset + DATA, bytes,
						type == BLOCK_READ || type == BLOCK_IDENTITY };
	if (input_byte(current) < 250)
		buffer[count++] = (struct virtio_buffer){ offset + STATUS, 1, true };
	else
		bytes -= bytes != 0; /* the last one is the status */
	*asked = (struct asked){ true, type, bytes };
	if (!virtio_client_add(&asker->queue, buffer, count, asked))
		asked->waiting = false;
}

/* What is left of a sector is all the owner's, or all zeroes that it has asked for. */
static bool is_of(unsigned int share, const uint8_t *at, uint32_t bytes)
{
	if (bytes > BLOCK_SECTOR)
		bytes = BLOCK_SECTOR;
	return (*at == pattern(share) || (!*at && zeroed[share])) && !memcmp(at, at + 1, bytes - 1);
}

/* What it has been given is its own, as far as it asked for it. */
static void receive(struct asker *asker)
{
	unsigned int number = (unsigned int)(asker - askers);
	uint32_t written;
	struct asked *asked;

	while (asker->lives && (asked = virtio_client_answer(&asker->queue, &written))) {
		const uint8_t *at = slot_at(asker, (unsigned int)(asked - asker->asked)) + DATA;

		MUST(asked->waiting);
		asked->waiting = false;
		for (uint32_t i = 0; asked->type == BLOCK_READ && i < asked->bytes;
		     i += BLOCK_SECTOR)
			MUST(is_of(number, at + i, asked->bytes - i));
	}
	MUST(!asker->queue.broken);
}

static void contents_check(void)
{
	const uint8_t *end = contents + (SECTORS - 8) * BLOCK_SECTOR;

	for (unsigned int sector = 8; sector < SECTORS - 8; sector++) {
		const uint8_t *at = contents + sector * BLOCK_SECTOR;
		unsigned int share = (sector - 8) / SHARE_SECTORS;

		MUST(is_of(share, at, BLOCK_SECTOR) && (!shares[share].read_only || *at));
	}
	MUST(*contents == NOBODY && !memcmp(contents, contents + 1, 8 * BLOCK_SECTOR - 1));
	MUST(*end == NOBODY && !memcmp(end, end + 1, 8 * BLOCK_SECTOR - 1));
}

/* The server learns of the end; whoever comes then has the partition. */
static void asker_renew(struct asker *asker)
{
	unsigned int number = (unsigned int)(asker - askers);

	asker_end(asker);
	jobs_leave(&asker->client);
	for (unsigned int i = 0; i < DISK_JOBS; i++)
		sent[i].stale |= sent[i].share == number;
	asker_begin(asker);
}

static void partitions_step(unsigned int what, struct asker *asker)
{
	switch (what) {
	case 0:
		asker_renew(asker);
		break;
	case 1:
		asker_end(asker);
		break;
	case 2:
	case 3:
	case 4:
		jobs_answer();
		break;
	case 5:
		lost |= input_byte(current) > 250;
		break;
	default:
		jobs_take(&asker->client);
	}
}

/* A disk in memory of the first client: no more than it has. */
static void memory_step(unsigned int what, struct asker *asker)
{
	static struct virtio_chain chain;
	struct virtio_server *server = &asker->client.device.session.server;
	struct block_disk disk = { .contents = contents + shares[0].first * BLOCK_SECTOR,
				   .identity = "memory",
				   .lives = device_client_lives };

	block_config_set(&disk.config, SHARE_SECTORS);
	disk.read_only = what == 7;
	if (what == 1)
		asker_end(asker);
	else if (virtio_server_next(server, 0, &chain))
		virtio_server_answer(server, 0, chain.head,
				     block_request(&disk, &asker->client.device, &chain));
}

/* Nothing changes any more: whoever is there is answered. */
static void settle(void)
{
	lost = true;
	for (unsigned int i = 0; i < 8; i++) {
		jobs_answer();
		for (unsigned int n = 0; n < SHARES; n++) {
			jobs_take(&askers[n].client);
			receive(&askers[n]);
		}
	}
	for (unsigned int n = 0; n < SHARES; n++)
		for (unsigned int slot = 0; slot < SLOTS; slot++)
			MUST(!askers[n].lives || !askers[n].asked[slot].waiting);
}

static void world_set(void)
{
	lost = false;
	memset(sent, 0, sizeof(sent));
	memset(data, 0xdd, sizeof(data));
	memset(zeroed, 0, sizeof(zeroed));
	contents = malloc(SECTORS * BLOCK_SECTOR);
	memset(contents, NOBODY, SECTORS * BLOCK_SECTOR);
	for (unsigned int i = 0; i < SHARES; i++) {
		shares[i] = (struct share){ .read_only = i == SHARES - 1,
					    .first = 8 + i * SHARE_SECTORS,
					    .sectors = SHARE_SECTORS };
		memset(contents + shares[i].first * BLOCK_SECTOR, pattern(i),
		       SHARE_SECTORS * BLOCK_SECTOR);
		askers[i].memory = memory[i];
		asker_begin(&askers[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct input input = { bytes, size };
	bool partitions;

	current = &input;
	world_set();
	partitions = input_choice(&input, 3);
	for (unsigned int i = 0; i < STEPS && input.left; i++) {
		unsigned int what = input_byte(&input);
		struct asker *asker = &askers[partitions ? (what >> 4) % SHARES : 0];

		if (what & 8)
			ask(asker, what & 7);
		else if (partitions)
			partitions_step(what & 7, asker);
		else
			memory_step(what & 7, asker);
		receive(asker);
		if (!(what & 8))
			contents_check();
	}
	if (partitions)
		settle();
	free(contents);
	return 0;
}
