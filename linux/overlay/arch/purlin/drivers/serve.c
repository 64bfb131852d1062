// SPDX-License-Identifier: GPL-2.0
/*
 * What this Linux serves, by its sessions with brokers (session/offer.h). A broker says which
 * devices are wanted; each that is found is offered; and whose clients have started a session, is
 * served, by whatever has registered for its kind.
 *
 * All of this is done by one work item for each broker, so nothing here needs a lock. Requests are
 * done by a work item for each device.
 */
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/of.h>
#include <linux/slab.h>
#include <asm/environment.h>
#include <asm/irq.h>
#include <asm/served.h>
#include <asm/session.h>
#include <purlin/boot.h>
#include <purlin/calls.h>
#include <session/parent.h>
#include "serve.h"

#define PRINT_WORD	6
#define CONFIG_WORD	7
#define PART_WORD	7
#define FILE_WORD	(PART_WORD + OFFER_PART_BYTES / 8)
#define WANTED_WORDS	(FILE_WORD + OFFER_FILE_BYTES / 8)
#define SERVED_WORD	(PURLIN_EVENT_SERVED / 64)
/*
 * Devices can be opened a little after they have appeared, and nobody is told when. So when
 * something has appeared, what is missing is looked for again for a while.
 */
#define LOOK_AGAIN	(HZ / 50)
#define LOOKS		100

struct purlin_offers {
	const char *label;
	unsigned int endpoint;
	unsigned int count;
	atomic_t looks;			/* that are left for what has appeared */
	struct delayed_work look;
	struct purlin_hang hang;
	struct purlin_served served[OFFER_DEVICES];
	struct list_head list;
};

static LIST_HEAD(all_offers);
static DEFINE_MUTEX(offers_lock);	/* of the list */
static LIST_HEAD(kinds);
static struct workqueue_struct *queue, *modest_queue;

static const struct purlin_serve_kind *kind_of(const char *service)
{
	struct purlin_serve_kind *kind;

	list_for_each_entry(kind, &kinds, list)
		if (!strcmp(kind->service, service))
			return kind;
	return NULL;
}

void __init purlin_serve_register(struct purlin_serve_kind *kind)
{
	list_add_tail(&kind->list, &kinds);
}

void purlin_served_again(struct purlin_served *served)
{
	purlin_hang_wanted(&served->hang);
	queue_work(served->kind->modest ? modest_queue : queue, &served->work);
}

void purlin_served_tell(struct purlin_served *served)
{
	purlin_signal_notify(served->client, ~0ULL);
}

static void look_soon(struct purlin_offers *offers)
{
	purlin_hang_wanted(&offers->hang);
	mod_delayed_work(queue, &offers->look, 0);
}

void purlin_serve_look(void)
{
	struct purlin_offers *offers;

	mutex_lock(&offers_lock);
	list_for_each_entry(offers, &all_offers, list) {
		atomic_set(&offers->looks, LOOKS);
		look_soon(offers);
	}
	mutex_unlock(&offers_lock);
}

static irqreturn_t requests_came(int irq, void *data)
{
	purlin_served_again(data);
	return IRQ_HANDLED;
}

static void requests_do(struct work_struct *work)
{
	struct purlin_served *served = container_of(work, struct purlin_served, work);

	purlin_hang_begin(&served->hang);
	/* Before a session, or after one, there is nobody. */
	if (served->start)
		served->kind->work(served);
	purlin_hang_end(&served->hang);
}

/* The signal by which clients tell of requests becomes an interrupt of ours. */
static int doorbell_bind(struct purlin_served *served, unsigned int slot)
{
	unsigned int event = PURLIN_EVENT_SERVED + served->number;
	int ret;

	served->irq = purlin_event_irq(event);
	if (!served->irq)
		return -ENOMEM;
	ret = request_irq(served->irq, requests_came, 0, "purlin-serve", served);
	if (ret)
		return ret;
	/* The earlier life's vCPU has let it go. What has come since is an event at once. */
	ret = purlin_errno(purlin_signal_bind_vcpu(slot, PURLIN_SLOT_THREAD, SERVED_WORD));
	if (ret) {
		free_irq(served->irq, served);
		return ret;
	}
	served->doorbell = slot;
	return 0;
}

static int offer(struct purlin_served *served)
{
	const struct purlin_serve_info *info = &served->info;
	u64 words[PURLIN_MESSAGE_WORDS] = {
		served->number, info->type, info->features, info->queues, info->queue_size,
		info->config_bytes,
	};
	struct purlin_caps caps = { .takes = 1 };
	int ret;

	words[PRINT_WORD] = info->print;
	memcpy(&words[CONFIG_WORD], info->config, info->config_bytes);
	ret = purlin_exchange(served->offers->endpoint, OFFER_DEVICE, words,
			      CONFIG_WORD + DIV_ROUND_UP(info->config_bytes, 8), 0, &caps);
	if (ret)
		return ret;
	if (!served->doorbell)
		ret = doorbell_bind(served, caps.take[0]);
	if (served->doorbell != caps.take[0])
		purlin_slot_release(caps.take[0]);
	return ret;
}

/* Once for each reason. */
static void complain(struct purlin_served *served, const char *problem)
{
	if (problem && problem != served->problem)
		pr_err("purlin-serve: %s is not served: %s\n", served->name, problem);
	served->problem = problem ?: served->problem;
}

static void find(struct purlin_served *served)
{
	const char *problem = NULL;
	int ret = served->kind->find(served, &problem);

	served->pending = ret == -EAGAIN;
	if (ret) {
		complain(served, problem);
		return;
	}
	served->problem = NULL;
	ret = offer(served);
	if (ret)
		/* Kept: it would be refused each time. */
		pr_err("purlin-serve: %s is refused: %d\n", served->name, ret);
	else
		pr_info("purlin-serve: %s is offered\n", served->name);
}

static void session_stop(struct purlin_served *served)
{
	if (!served->start)
		return;
	/* No more requests are taken; those under way come to their end before the memory goes. */
	WRITE_ONCE(served->ring.over, true);
	served->kind->stop(served);
	served->start = 0;
	cancel_work_sync(&served->work);
	served->kind->release(served);
	purlin_ring_stop(&served->ring);
	purlin_lent_unmap(&served->ring.lent);
	purlin_slot_release(served->client);
}

/* It has been pulled. Its client waits for it: the broker keeps the session for a while. */
static void lose(struct purlin_served *served)
{
	u64 words[1] = { served->number };

	session_stop(served);
	purlin_call(served->offers->endpoint, OFFER_WITHDRAW, words, 1, 0, NULL);
	served->kind->lose(served);
	served->device = NULL;
	pr_info("purlin-serve: %s has gone\n", served->name);
}

/* A part of what the client lends besides; of the session that was taken, not of a later one. */
static int lent_take(struct purlin_served *served, u64 start, unsigned int part)
{
	struct purlin_caps caps = { .takes = 1 };
	u64 words[4] = { served->number, part };
	int ret = purlin_exchange(served->offers->endpoint, OFFER_TAKE_LENT, words, 2, 4, &caps);

	if (ret)
		return ret;
	/* The broker has checked them; but nothing of the session itself is to be had here. */
	ret = words[0] == start && words[1] >= VIRTIO_LENT ?
		      purlin_lent_map(&served->ring.lent, served->number, caps.take[0], words[1],
				      words[2], words[3]) :
		      -EAGAIN;
	if (ret)
		purlin_slot_release(caps.take[0]);
	return ret;
}

static int session_begin(struct purlin_served *served, const u64 *words, struct purlin_caps *caps)
{
	struct purlin_ring *ring = &served->ring;
	unsigned int i;
	int ret;

	memset(ring, 0, sizeof(*ring));
	ret = purlin_lent_map(&ring->lent, served->number, caps->take[0], 0, 0, words[3]);
	if (ret)
		return ret;
	ring->features = words[1];
	ring->queue_size = words[2];
	served->client = caps->take[1];
	for (i = 0; !ret && i < words[4]; i++)
		ret = lent_take(served, words[0], i);
	if (!ret)
		ret = purlin_ring_start(ring, &served->info);
	if (!ret)
		ret = served->kind->start(served);
	if (ret) {
		caps->take[0] = 0; /* goes with the mapping */
		purlin_ring_stop(ring);
		purlin_lent_unmap(&ring->lent);
	}
	return ret;
}

static void session_take(struct purlin_served *served)
{
	struct purlin_caps caps = { .takes = 2 };
	u64 words[5] = { served->number };
	int ret = purlin_exchange(served->offers->endpoint, OFFER_TAKE, words, 1, 5, &caps);

	if (ret)
		return;
	ret = session_begin(served, words, &caps);
	if (ret) {
		pr_err("purlin-serve: %s: a session cannot be served: %d\n", served->name, ret);
		if (caps.take[0])
			purlin_slot_release(caps.take[0]);
		purlin_slot_release(caps.take[1]);
		return;
	}
	served->start = words[0];
	/* There may be requests: of an earlier life, or from before we came. */
	purlin_served_again(served);
	/* And the client may not have been told of answers that the earlier life has given. */
	purlin_served_tell(served);
}

static void sessions_update(struct purlin_offers *offers)
{
	u64 words[OFFER_DEVICES];
	unsigned int i;

	if (purlin_call(offers->endpoint, OFFER_LOOK, words, 0, offers->count, NULL))
		return;
	for (i = 0; i < offers->count; i++) {
		struct purlin_served *served = &offers->served[i];

		if (served->start == words[i] || !served->device)
			continue;
		session_stop(served);
		if (words[i])
			session_take(served);
	}
}

/* Nothing has appeared for a while, and what is still missing may never come. */
static void say_missing(struct purlin_offers *offers)
{
	unsigned int i;

	for (i = 0; i < offers->count; i++)
		if (offers->served[i].kind && !offers->served[i].device &&
		    !offers->served[i].problem && !offers->served[i].pending)
			complain(&offers->served[i], "it is not there");
}

static void look(struct work_struct *work)
{
	struct purlin_offers *offers = container_of(work, struct purlin_offers, look.work);
	bool missing = false;
	unsigned int i;

	purlin_hang_begin(&offers->hang);
	for (i = 0; i < offers->count; i++) {
		struct purlin_served *served = &offers->served[i];

		if (!served->kind)
			continue;
		if (served->device && served->kind->gone(served))
			lose(served);
		if (!served->device)
			find(served);
		missing |= !served->device;
	}
	sessions_update(offers);
	if (missing && atomic_dec_return(&offers->looks) > 0)
		queue_delayed_work(queue, &offers->look, LOOK_AGAIN);
	else
		say_missing(offers);
	purlin_hang_end(&offers->hang);
}

static irqreturn_t news_came(int irq, void *data)
{
	look_soon(data);
	return IRQ_HANDLED;
}

static int read_wanted(struct purlin_offers *offers, unsigned int number)
{
	struct purlin_served *served = &offers->served[number];
	u64 words[WANTED_WORDS] = { number };
	int ret = purlin_call(offers->endpoint, OFFER_WANTED, words, 1, WANTED_WORDS, NULL);

	if (ret)
		return ret;
	served->offers = offers;
	served->number = number;
	memcpy(served->service, &words[0], OFFER_SERVICE_BYTES);
	memcpy(served->identity, &words[2], OFFER_IDENTITY_BYTES);
	memcpy(served->part, &words[PART_WORD], OFFER_PART_BYTES);
	memcpy(served->file, &words[FILE_WORD], OFFER_FILE_BYTES);
	snprintf(served->name, sizeof(served->name), "%.*s %.*s%s%.*s%s%.*s",
		 OFFER_SERVICE_BYTES, (char *)&words[0], OFFER_IDENTITY_BYTES, (char *)&words[2],
		 words[PART_WORD] ? " " : "", OFFER_PART_BYTES, (char *)&words[PART_WORD],
		 words[FILE_WORD] ? " file:" : "", OFFER_FILE_BYTES, (char *)&words[FILE_WORD]);
	served->read_only = words[6] & OFFER_READ_ONLY;
	served->kind = kind_of(served->service);
	INIT_WORK(&served->work, requests_do);
	purlin_hang_watch(&served->hang, served->name);
	if (!served->kind)
		pr_err("purlin-serve: this Linux serves no %s\n", served->service);
	return 0;
}

/* An event of ours, that the broker may raise, and no other one. */
static int news_signal(struct purlin_offers *offers, unsigned int *slot)
{
	int event = purlin_event_alloc();
	int ret;

	if (event < 0)
		return event;
	ret = request_irq(purlin_event_irq(event), news_came, 0, "purlin-offers", offers);
	return ret ? ret : purlin_event_signal(event, slot);
}

static int __init offers_start(struct purlin_offers *offers)
{
	struct purlin_caps caps = { .gives = 1 };
	u64 words[1];
	unsigned int i;
	int ret = purlin_session_open("Offer", offers->label, &offers->endpoint);

	if (!ret)
		ret = news_signal(offers, &caps.give[0]);
	if (!ret)
		ret = purlin_exchange(offers->endpoint, OFFER_START, words, 0, 1, &caps);
	if (ret)
		return ret;
	purlin_slot_release(caps.give[0]);
	if (words[0] > OFFER_DEVICES)
		return -EPROTO;
	offers->count = words[0];
	for (i = 0; !ret && i < offers->count; i++)
		ret = read_wanted(offers, i);
	return ret;
}

static int __init offers_make(struct device_node *node)
{
	struct purlin_offers *offers = kzalloc(sizeof(*offers), GFP_KERNEL);
	int ret;

	if (!offers)
		return -ENOMEM;
	INIT_DELAYED_WORK(&offers->look, look);
	purlin_hang_watch(&offers->hang, "looking for devices");
	ret = of_property_read_string(node, "label", &offers->label);
	if (!ret)
		ret = offers_start(offers);
	if (ret)
		return ret;
	mutex_lock(&offers_lock);
	list_add_tail(&offers->list, &all_offers);
	mutex_unlock(&offers_lock);
	return 0;
}

/* After the kinds have registered. What fails here stays: nothing of it does any harm. */
static int __init serve_init(void)
{
	struct purlin_offers *offers;
	struct device_node *node;
	int ret;

	queue = alloc_workqueue("purlin-serve", WQ_UNBOUND | WQ_HIGHPRI | WQ_MEM_RECLAIM, 0);
	modest_queue = alloc_workqueue("purlin-serve-modest", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	if (!queue || !modest_queue)
		return -ENOMEM;
	for_each_compatible_node(node, NULL, "purlin,offer") {
		ret = offers_make(node);
		if (ret)
			pr_err("%pOF: nothing is served: %d\n", node, ret);
	}
	purlin_hang_start();
	purlin_serve_look();
	/* What needs no device to be found is there before the first program looks for it. */
	list_for_each_entry(offers, &all_offers, list)
		flush_delayed_work(&offers->look);
	return 0;
}
late_initcall(serve_init);
