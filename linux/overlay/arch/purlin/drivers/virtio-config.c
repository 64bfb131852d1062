// SPDX-License-Identifier: GPL-2.0
/*
 * The configuration of a device by a session, as the driver sees it: a copy of what the server
 * says, with limits of ours in it and, for a network, whether there is a carrier.
 */
#include <linux/virtio_config.h>
#include <uapi/linux/virtio_blk.h>
#include <uapi/linux/virtio_ids.h>
#include <uapi/linux/virtio_net.h>
#include "virtio.h"

#define CONFIG_TRIES	16
/* Requests of a disk have at most so many buffers: each gets its part of the pool. */
#define BUFFERS_MOST	128	/* header and status included */

void purlin_config_lose_carrier(struct purlin_virtio *device)
{
	struct virtio_net_config *config = (void *)device->config;
	unsigned long flags;
	bool had;

	spin_lock_irqsave(&device->config_lock, flags);
	had = config->status;
	config->status = 0;
	device->config_generation += had;
	spin_unlock_irqrestore(&device->config_lock, flags);
	if (had)
		virtio_config_changed(&device->vdev);
}

/* For a server that says nothing about it. */
static void have_carrier(struct purlin_virtio *device)
{
	struct virtio_net_config *config = (void *)device->config;

	if (READ_ONCE(device->failed))
		config->status = 0;
	else if (!(device->features & BIT_ULL(VIRTIO_NET_F_STATUS)))
		config->status = (__force __virtio16)cpu_to_le16(VIRTIO_NET_S_LINK_UP);
}

/* Buffers so many and so large as the pool allows: Linux makes smaller requests then. */
static void limit_buffers(struct purlin_virtio *device)
{
	struct virtio_blk_config *config = (void *)device->config;
	u32 seg_max = le32_to_cpu((__force __le32)config->seg_max);
	u32 most = rounddown(device->pool_bytes / BUFFERS_MOST, PAGE_SIZE);
	u32 said = ~0u;

	if (device->features & BIT_ULL(VIRTIO_BLK_F_SIZE_MAX))
		said = le32_to_cpu((__force __le32)config->size_max);
	most = max_t(u32, min(most, said), PAGE_SIZE);
	seg_max = min_t(u32, seg_max, BUFFERS_MOST - 2);
	config->size_max = (__force __virtio32)cpu_to_le32(most);
	config->seg_max = (__force __virtio32)cpu_to_le32(seg_max);
}

bool purlin_config_refresh(struct purlin_virtio *device)
{
	struct virtio_control *control = purlin_virtio_control(device);
	u8 copy[VIRTIO_CONFIG_BYTES];
	unsigned long flags;
	unsigned int tries;
	bool news;
	u32 seen;

	for (tries = 0; tries < CONFIG_TRIES; tries++) {
		/* The copy is made between two looks at the generation: not before this one, */
		seen = virt_load_acquire(&control->config_generation);
		if (seen == device->config_seen)
			return false;
		memcpy(copy, control->config, sizeof(copy));
		/* and not after this one. */
		virt_rmb();
		if (!(seen & 1) && READ_ONCE(control->config_generation) == seen)
			break;
	}
	if (tries == CONFIG_TRIES)
		return false;
	spin_lock_irqsave(&device->config_lock, flags);
	/* A server that comes back says the same once more. */
	news = memcmp(device->config_said, copy, sizeof(copy));
	memcpy(device->config_said, copy, sizeof(copy));
	memcpy(device->config, copy, sizeof(copy));
	if (device->vdev.id.device == VIRTIO_ID_BLOCK)
		limit_buffers(device);
	if (device->vdev.id.device == VIRTIO_ID_NET)
		have_carrier(device);
	device->config_seen = seen;
	device->config_generation += news;
	spin_unlock_irqrestore(&device->config_lock, flags);
	return news;
}

void purlin_config_get(struct virtio_device *vdev, unsigned int offset, void *to,
		       unsigned int bytes)
{
	struct purlin_virtio *device = purlin_to_virtio(vdev);
	unsigned long flags;

	memset(to, 0, bytes);
	if (offset > VIRTIO_CONFIG_BYTES || bytes > VIRTIO_CONFIG_BYTES - offset)
		return;
	spin_lock_irqsave(&device->config_lock, flags);
	memcpy(to, device->config + offset, bytes);
	spin_unlock_irqrestore(&device->config_lock, flags);
}

/* The session has no way to write it, and no feature that needs one. */
void purlin_config_set(struct virtio_device *vdev, unsigned int offset, const void *from,
		       unsigned int bytes)
{
	dev_warn_once(&vdev->dev, "its configuration cannot be written\n");
}

u32 purlin_config_generation(struct virtio_device *vdev)
{
	return READ_ONCE(purlin_to_virtio(vdev)->config_generation);
}
