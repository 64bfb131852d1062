// SPDX-License-Identifier: GPL-2.0
/*
 * Device sessions as virtio devices, for the drivers that Linux has for those. init opens a session
 * for each label of the description, starts it, and starts it again with the same memory when its
 * server has ended and come back; Linux hears of neither. Only when there will be no server any
 * more does the device fail: every request, those under way included, is answered with an error.
 */
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_address.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/virtio_config.h>
#include <uapi/linux/virtio_blk.h>
#include <uapi/linux/virtio_ids.h>
#include <uapi/linux/virtio_net.h>
#include <asm/irq.h>
#include "virtio.h"

/* Of rings and transports, not of a device: the driver's ring has its own. */
#define RING_FEATURES	(GENMASK_ULL(VIRTIO_TRANSPORT_F_END - 1, VIRTIO_TRANSPORT_F_START) | \
			 VIRTIO_FEATURE_LENT)
#define GRANULE_SHIFT	9	/* of the pool: a sector */

static void device_failing(struct work_struct *work)
{
	struct purlin_virtio *device = container_of(work, struct purlin_virtio, failing);
	unsigned int i;

	if (device->vdev.id.device != VIRTIO_ID_BLOCK && device->vdev.id.device != VIRTIO_ID_NET) {
		virtio_break_device(&device->vdev);
		if (!xchg(&device->removed, true))
			schedule_work(&device->removing);
		return;
	}
	/* As an interrupt would: drivers expect their callbacks there. */
	disable_irq(device->irq);
	for (i = 0; i < device->queues; i++) {
		bool news = purlin_queue_fail(&device->queue[i]);
		struct virtqueue *vq = READ_ONCE(device->queue[i].vq);
		unsigned long flags;

		if (!news || !vq)
			continue;
		local_irq_save(flags);
		vring_interrupt(device->irq, vq);
		local_irq_restore(flags);
	}
	enable_irq(device->irq);
	if (device->vdev.id.device == VIRTIO_ID_NET)
		purlin_config_lose_carrier(device);
}

/* A driver that has no word for a device without answers: it has the device no more. */
static void device_removing(struct work_struct *work)
{
	unregister_virtio_device(&container_of(work, struct purlin_virtio, removing)->vdev);
}

void purlin_virtio_fail(struct purlin_virtio *device, const char *why)
{
	if (!xchg(&device->failed, true))
		dev_err(device->vdev.dev.parent, "%s: %s from now on\n", why,
			device->vdev.id.device == VIRTIO_ID_BLOCK ? "I/O errors" :
								    "nothing comes or goes");
	schedule_work(&device->failing);
}

static irqreturn_t device_interrupt(int irq, void *data)
{
	struct purlin_virtio *device = data;
	DECLARE_BITMAP(answered, VIRTIO_QUEUES_MAX) = { 0 };
	unsigned int i;

	if (READ_ONCE(purlin_virtio_control(device)->state) == VIRTIO_STATE_BROKEN)
		purlin_virtio_fail(device, "the session is over");
	for (i = 0; i < device->queues; i++)
		if (purlin_queue_collect(&device->queue[i]))
			__set_bit(i, answered);
	/* There is room again, in any queue's share of the pool. */
	for (i = 0; i < device->queues; i++)
		purlin_queue_forward(&device->queue[i]);
	for_each_set_bit(i, answered, VIRTIO_QUEUES_MAX) {
		struct virtqueue *vq = READ_ONCE(device->queue[i].vq);

		if (vq)
			vring_interrupt(irq, vq);
	}
	if (purlin_config_refresh(device))
		virtio_config_changed(&device->vdev);
	return IRQ_HANDLED;
}

static u8 get_status(struct virtio_device *vdev)
{
	return purlin_to_virtio(vdev)->status;
}

static void set_status(struct virtio_device *vdev, u8 status)
{
	purlin_to_virtio(vdev)->status = status;
}

/* The session goes on: what the server still has is answered, and the answer dropped. */
static void reset(struct virtio_device *vdev)
{
	struct purlin_virtio *device = purlin_to_virtio(vdev);
	unsigned int i;

	device->status = 0;
	for (i = 0; i < device->queues; i++)
		purlin_queue_close(&device->queue[i]);
	synchronize_irq(device->irq);
	cancel_work_sync(&device->failing);
}

static bool notify(struct virtqueue *vq)
{
	struct purlin_queue *queue = vq->priv;

	purlin_queue_forward(queue);
	if (queue->at_once)
		purlin_queue_wait(queue);
	return true;
}

static void del_vqs(struct virtio_device *vdev)
{
	struct virtqueue *vq, *next;

	reset(vdev);
	list_for_each_entry_safe(vq, next, &vdev->vqs, list)
		vring_del_virtqueue(vq);
}

static struct virtqueue *queue_setup(struct purlin_virtio *device, unsigned int index,
				     vq_callback_t *callback, const char *name, bool ctx)
{
	struct virtqueue *vq;

	if (index >= device->queues)
		return ERR_PTR(-ENOENT);
	vq = vring_create_virtqueue(index, device->queue_size, SMP_CACHE_BYTES, &device->vdev, true,
				    true, ctx, notify, callback, name);
	if (!vq)
		return ERR_PTR(-ENOMEM);
	vq->priv = &device->queue[index];
	purlin_queue_open(&device->queue[index], vq);
	return vq;
}

#ifdef PURLIN_TREE_HAS_VIRTQUEUE_INFO
static int find_vqs(struct virtio_device *vdev, unsigned int count, struct virtqueue *vqs[],
		    struct virtqueue_info info[], struct irq_affinity *affinity)
#define CALLBACK(i)	(info[i].callback)
#define NAME(i)		(info[i].name)
#define CTX(i)		(info[i].ctx)
#else
static int find_vqs(struct virtio_device *vdev, unsigned int count, struct virtqueue *vqs[],
		    vq_callback_t *callbacks[], const char *const names[], const bool *ctx,
		    struct irq_affinity *affinity)
#define CALLBACK(i)	(callbacks[i])
#define NAME(i)		(names[i])
#define CTX(i)		(ctx && ctx[i])
#endif
{
	unsigned int i, index = 0;

	for (i = 0; i < count; i++) {
		vqs[i] = NULL;
		if (!NAME(i))
			continue;
		vqs[i] = queue_setup(purlin_to_virtio(vdev), index++, CALLBACK(i), NAME(i), CTX(i));
		if (IS_ERR(vqs[i])) {
			int ret = PTR_ERR(vqs[i]);

			del_vqs(vdev);
			return ret;
		}
	}
	return 0;
}

static u64 get_features(struct virtio_device *vdev)
{
	struct purlin_virtio *device = purlin_to_virtio(vdev);
	u64 features = device->features & ~RING_FEATURES;

	/* A limit that only the driver has to know. */
	if (vdev->id.device == VIRTIO_ID_BLOCK)
		features |= BIT_ULL(VIRTIO_BLK_F_SIZE_MAX);
	/* So that it can be told of the session's end. */
	if (vdev->id.device == VIRTIO_ID_NET)
		features |= BIT_ULL(VIRTIO_NET_F_STATUS);
	return features | BIT_ULL(VIRTIO_F_VERSION_1) | BIT_ULL(VIRTIO_RING_F_INDIRECT_DESC);
}

/* Started before the driver was there: it has to take what the session has. */
static int finalize_features(struct virtio_device *vdev)
{
	u64 missing = purlin_to_virtio(vdev)->features & ~RING_FEATURES & ~vdev->features;

	vring_transport_features(vdev);
	if (!missing)
		return 0;
	dev_err(&vdev->dev, "the driver lacks features 0x%llx\n", missing);
	return -EINVAL;
}

static const char *bus_name(struct virtio_device *vdev)
{
	return dev_name(vdev->dev.parent);
}

static const struct virtio_config_ops config_ops = {
	.get = purlin_config_get,
	.set = purlin_config_set,
	.generation = purlin_config_generation,
	.get_status = get_status,
	.set_status = set_status,
	.reset = reset,
	.find_vqs = find_vqs,
	.del_vqs = del_vqs,
	.get_features = get_features,
	.finalize_features = finalize_features,
	.bus_name = bus_name,
};

/* init makes no mistakes here; but a tree of another version would. */
static int read_node(struct purlin_virtio *device, struct device_node *node)
{
	struct resource resource;
	u32 type, event, size;

	if (of_address_to_resource(node, 0, &resource) ||
	    of_property_read_u32(node, "purlin,notify", &device->notify) ||
	    of_property_read_u32(node, "purlin,event", &event) ||
	    of_property_read_u32(node, "purlin,type", &type) ||
	    of_property_read_u64(node, "purlin,features", &device->features) ||
	    of_property_read_u32(node, "purlin,queues", &device->queues) ||
	    of_property_read_u32(node, "purlin,queue-size", &size))
		return -EINVAL;
	if (!device->queues || device->queues > VIRTIO_QUEUES_MAX || !is_power_of_2(size) ||
	    size > VIRTIO_QUEUE_SIZE_MAX)
		return -EINVAL;
	device->queue_size = size;
	device->lent = device->features & VIRTIO_FEATURE_LENT;
	device->bytes = resource_size(&resource);
	if (device->bytes <= VIRTIO_POOL(size, device->queues))
		return -EINVAL;
	device->vdev.id.device = type;
	device->vdev.id.vendor = VIRTIO_DEV_ANY_ID;
	device->irq = purlin_event_irq(event);
	device->memory = memremap(resource.start, device->bytes, MEMREMAP_WB);
	return device->memory ? 0 : -ENOMEM;
}

static int make_pool(struct purlin_virtio *device)
{
	unsigned int offset = VIRTIO_POOL(device->queue_size, device->queues);

	device->pool_bytes = device->bytes - offset;
	device->pool = gen_pool_create(GRANULE_SHIFT, NUMA_NO_NODE);
	if (!device->pool)
		return -ENOMEM;
	/* Addresses are offsets in the memory, as the server knows them; 0 is never one. */
	return gen_pool_add(device->pool, offset, device->pool_bytes, NUMA_NO_NODE);
}

/* Never called: the device stays as long as Linux does. */
static void release(struct device *dev)
{
}

static int purlin_virtio_probe(struct platform_device *platform)
{
	struct device *dev = &platform->dev;
	struct purlin_virtio *device = devm_kzalloc(dev, sizeof(*device), GFP_KERNEL);
	unsigned int i;
	int ret;

	if (!device)
		return -ENOMEM;
	device->vdev.dev.parent = dev;
	device->vdev.dev.release = release;
	device->vdev.config = &config_ops;
	spin_lock_init(&device->config_lock);
	INIT_WORK(&device->failing, device_failing);
	INIT_WORK(&device->removing, device_removing);
	ret = read_node(device, dev->of_node);
	for (i = 0; !ret && i < device->queues; i++)
		ret = purlin_queue_init(device, i);
	if (!ret)
		ret = make_pool(device);
	if (ret)
		return dev_err_probe(dev, ret, "unusable\n");
	/* A server that says nothing, or never the same, has a device of size 0. */
	purlin_config_refresh(device);
	ret = devm_request_irq(dev, device->irq, device_interrupt, 0, dev_name(dev), device);
	return ret ? ret : register_virtio_device(&device->vdev);
}

static const struct of_device_id purlin_virtio_match[] = {
	{ .compatible = "purlin,virtio" },
	{ }
};

static struct platform_driver purlin_virtio_driver = {
	.probe = purlin_virtio_probe,
	.driver = {
		.name = "purlin-virtio",
		.of_match_table = purlin_virtio_match,
		.suppress_bind_attrs = true,
	},
};
builtin_platform_driver(purlin_virtio_driver);
