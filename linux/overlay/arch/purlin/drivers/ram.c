// SPDX-License-Identifier: GPL-2.0
/*
 * RAM that comes and goes while Linux runs. init says how much this Linux is to have beyond what it
 * was started with (PARENT_RAM, session/parent.h). It comes in steps from a RAM session, each a
 * memory object that is attached in the range of the node "purlin,ram", shown to the devices, and
 * added as memory for movable pages, so that it can be taken out again.
 */
#include <linux/interrupt.h>
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/platform_device.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include <asm/environment.h>
#include <asm/irq.h>
#include <asm/session.h>
#include <asm/vcpu.h>
#include <purlin/boot.h>
#include <purlin/calls.h>
#include <session/parent.h>
#include <session/ram.h>
#include "pci-session.h"

#define RIGHTS		(PURLIN_MAP_READ | PURLIN_MAP_WRITE | PURLIN_MAP_EXECUTE)
/* Until it is tried again: memory that was in use may be free by then. */
#define AGAIN_LEAST	(2 * HZ)
#define AGAIN_MOST	(60 * HZ)

/* A step of the range. */
struct ram_step {
	bool there;
	unsigned int slot;	/* of the memory object */
	u64 id;			/* of the session's */
};

struct ram {
	struct device *dev;
	unsigned int session, pci;	/* slots; pci: 0: no devices */
	unsigned int event;
	u64 base, bytes, step;
	unsigned int steps, taken;
	struct ram_step *at;
	struct workqueue_struct *queue;
	struct delayed_work work;
	unsigned long again;		/* jiffies */
	bool told;			/* that it cannot be so, since the target changed */
	u64 target;
};

static u64 address_of(const struct ram *ram, unsigned int number)
{
	return ram->base + number * ram->step;
}

static int allocate(struct ram *ram, struct ram_step *step)
{
	u64 words[2] = { ram->step >> PAGE_SHIFT, PURLIN_MEMORY_CONTIGUOUS };
	int ret = purlin_call(ram->session, RAM_ALLOCATE, words, 2, 1, &step->slot);

	step->id = words[0];
	return ret;
}

static void release(struct ram *ram, struct ram_step *step)
{
	u64 words[1] = { step->id };

	purlin_call(ram->session, RAM_FREE, words, 1, 0, NULL);
	purlin_slot_release(step->slot);
}

static void hide(struct ram *ram, u64 address)
{
	u64 words[1] = { address };

	if (ram->pci)
		purlin_call(ram->pci, PCI_DMA_UNMAP, words, 1, 0, NULL);
}

/* Devices must find it where Linux has it; without an IOMMU they would find it elsewhere. */
static int show(struct ram *ram, const struct ram_step *step, u64 address)
{
	struct purlin_caps caps = { .give = { step->slot }, .gives = 1 };
	u64 words[1] = { address };
	int ret;

	if (!ram->pci)
		return 0;
	ret = purlin_exchange(ram->pci, PCI_DMA_MAP, words, 1, 1, &caps);
	if (ret || words[0] == address)
		return ret;
	hide(ram, words[0]);
	return -EXDEV;
}

static int online(struct memory_block *block, void *unused)
{
	block->online_type = MMOP_ONLINE_MOVABLE;
	return device_online(&block->dev);
}

/* As memory for movable pages only: other pages could never be taken out again. */
static int add(struct ram *ram, u64 address)
{
	int ret = add_memory_driver_managed(0, address, ram->step, "System RAM (purlin)",
					    MHP_MERGE_RESOURCE);

	if (ret)
		return ret;
	lock_device_hotplug();
	ret = walk_memory_blocks(address, ram->step, NULL, online);
	unlock_device_hotplug();
	/* Who is not online is not in use: this does not fail then. */
	if (ret)
		offline_and_remove_memory(address, ram->step);
	return ret;
}

static int attach(struct ram *ram, const struct ram_step *step, u64 address)
{
	int ret = purlin_errno(purlin_guest_attach(PURLIN_SLOT_PD, address, step->slot, 0,
						   ram->step >> PAGE_SHIFT, RIGHTS));

	if (ret)
		return ret;
	ret = show(ram, step, address);
	if (!ret) {
		ret = add(ram, address);
		if (ret)
			hide(ram, address);
	}
	if (ret)
		purlin_guest_detach(PURLIN_SLOT_PD, address);
	return ret;
}

static int take(struct ram *ram)
{
	unsigned int number = 0;
	int ret;

	while (ram->at[number].there)
		number++;
	ret = allocate(ram, &ram->at[number]);
	if (ret)
		return ret;
	ret = attach(ram, &ram->at[number], address_of(ram, number));
	if (ret) {
		release(ram, &ram->at[number]);
		return ret;
	}
	ram->at[number].there = true;
	ram->taken++;
	return 0;
}

/*
 * First Linux stops using it, then devices and processors lose it, then the microkernel has it.
 */
static int give(struct ram *ram, unsigned int number)
{
	u64 address = address_of(ram, number);
	int ret = offline_and_remove_memory(address, ram->step);

	if (ret)
		return ret;
	hide(ram, address);
	purlin_guest_detach(PURLIN_SLOT_PD, address);
	release(ram, &ram->at[number]);
	ram->at[number].there = false;
	ram->taken--;
	return 0;
}

/* Taking out what Linux still needs would end in its out-of-memory killer, or in a panic. */
static bool can_do_without(u64 bytes)
{
	unsigned long pages = bytes >> PAGE_SHIFT, left = totalram_pages() - pages;
	unsigned long reserve = max_t(unsigned long, SZ_16M >> PAGE_SHIFT, left / 8);
	long available = si_mem_available();

	return available > 0 && available >= pages + reserve;
}

/* Any step will do; the last ones first, so that what stays lies together. */
static int give_one(struct ram *ram)
{
	int ret = -EBUSY;
	unsigned int i;

	if (!can_do_without(ram->step))
		return -ENOMEM;
	for (i = ram->steps; ret && i--;)
		if (ram->at[i].there)
			ret = give(ram, i);
	return ret;
}

/* How much it is to have; init learns at the same time what has been given back. */
static int ask(struct ram *ram)
{
	u64 words[2];
	int ret = purlin_call(PURLIN_SLOT_PARENT, PARENT_RAM, words, 0, 2, NULL);

	if (!ret)
		ram->target = words[0];
	return ret;
}

static int approach(struct ram *ram)
{
	int ret = 0;

	while (!ret && (ram->taken + 1) * ram->step <= ram->target && ram->taken < ram->steps)
		ret = take(ram);
	while (!ret && ram->taken * ram->step > ram->target) {
		ret = give_one(ram);
		/* Others may wait for each of them. */
		if (!ret)
			ret = ask(ram);
	}
	return ret;
}

static void say(struct ram *ram, int error)
{
	if (ram->told)
		return;
	ram->told = true;
	if (error == -EXDEV)
		dev_warn(ram->dev, "no RAM can be added: devices have no IOMMU\n");
	else
		dev_info(ram->dev, "has %llu MiB and is to have %llu: %d, tries again\n",
			 ram->taken * ram->step >> 20, ram->target >> 20, error);
}

static void ram_work(struct work_struct *work)
{
	struct ram *ram = container_of(to_delayed_work(work), struct ram, work);
	u64 before = ram->target, had = ram->taken;
	int ret = ask(ram);

	if (ram->target != before)
		ram->told = false;
	if (!ret)
		ret = approach(ram);
	if (ram->taken != had) {
		dev_info(ram->dev, "has %llu MiB more than at the start\n",
			 ram->taken * ram->step >> 20);
		ask(ram);
	}
	if (!ret || ret == -EXDEV) {
		ram->again = AGAIN_LEAST;
		if (ret)
			say(ram, ret);
		return;
	}
	say(ram, ret);
	queue_delayed_work(ram->queue, &ram->work, ram->again);
	ram->again = min(2 * ram->again, (unsigned long)AGAIN_MOST);
}

static irqreturn_t ram_changed(int irq, void *context)
{
	struct ram *ram = context;

	ram->again = AGAIN_LEAST;
	mod_delayed_work(ram->queue, &ram->work, 0);
	return IRQ_HANDLED;
}

static int watch(struct ram *ram)
{
	struct purlin_caps caps = { .gives = 1 };
	u64 words[2] = { 0 };
	int ret = purlin_event_signal(ram->event, &caps.give[0]);

	if (ret)
		return ret;
	ret = purlin_exchange(PURLIN_SLOT_PARENT, PARENT_RAM, words, 0, 2, &caps);
	purlin_slot_release(caps.give[0]);
	ram->step = words[1];
	return ret;
}

static int find_range(struct ram *ram)
{
	struct device_node *pci = of_find_compatible_node(NULL, NULL, "purlin,pci-host");
	struct resource range;
	int ret = of_address_to_resource(ram->dev->of_node, 0, &range);

	if (pci)
		of_property_read_u32(pci, "purlin,session", &ram->pci);
	of_node_put(pci);
	ram->base = range.start;
	ram->bytes = resource_size(&range);
	return ret;
}

static int start(struct ram *ram)
{
	int ret = watch(ram);

	if (ret)
		return ret;
	if (!ram->step || ram->step % memory_block_size_bytes() || ram->bytes < ram->step)
		return -EINVAL;
	ram->steps = ram->bytes / ram->step;
	ram->at = devm_kcalloc(ram->dev, ram->steps, sizeof(*ram->at), GFP_KERNEL);
	if (!ram->at)
		return -ENOMEM;
	queue_delayed_work(ram->queue, &ram->work, 0);
	return 0;
}

static int ram_probe(struct platform_device *platform)
{
	struct ram *ram = devm_kzalloc(&platform->dev, sizeof(*ram), GFP_KERNEL);
	int ret;

	if (!ram)
		return -ENOMEM;
	ram->dev = &platform->dev;
	ram->again = AGAIN_LEAST;
	INIT_DELAYED_WORK(&ram->work, ram_work);
	/* Of its own: taking a step out of use may wait for all that uses it. */
	ram->queue = alloc_ordered_workqueue("purlin-ram", 0);
	if (!ram->queue)
		return -ENOMEM;
	ret = find_range(ram);
	if (!ret)
		ret = purlin_session_open("RAM", "ram", &ram->session);
	if (ret)
		return ret;
	ret = purlin_event_alloc();
	if (ret < 0)
		return ret;
	ram->event = ret;
	ret = request_irq(purlin_event_irq(ram->event), ram_changed, 0, "purlin-ram", ram);
	if (!ret)
		ret = start(ram);
	if (ret)
		dev_err(ram->dev, "no RAM comes or goes: %d\n", ret);
	/* What has been set up stays: there is one of these, and nobody tries again. */
	return 0;
}

static const struct of_device_id purlin_ram_match[] = {
	{ .compatible = "purlin,ram" },
	{}
};

static struct platform_driver purlin_ram_driver = {
	.probe = ram_probe,
	.driver = {
		.name = "purlin-ram",
		.of_match_table = purlin_ram_match,
		.suppress_bind_attrs = true,
	},
};
builtin_platform_driver(purlin_ram_driver);
