// SPDX-License-Identifier: GPL-2.0
/*
 * Networks of this Linux for others (VIRTIO 1.2, 5.1): each client has an interface here, as if
 * that were the other end of its cable, to be bridged, routed and filtered with ordinary tools.
 * What the client sends comes in there, what is sent there the client receives.
 *
 * Frames are copied, in both directions. So a client that ends at any moment takes nothing along,
 * and what was checked is what goes on. A client's frame is answered before it is passed on, and
 * none that an earlier life of this Linux has taken is taken again: it is passed on at most once. A
 * frame that finds no buffer of the client's waits for one, and is lost if too many wait. One that
 * takes several buffers may wait with some of them in hand; a next life finds these in the record,
 * as buffers to use.
 */
#if __has_include(<linux/hex.h>)
#include <linux/hex.h>
#endif
#include <linux/sizes.h>
#include <uapi/linux/virtio_ids.h>
#include "serve-nic.h"

#define RECEIVE		0	/* as the client says */
#define TRANSMIT	1
/* Frames of a client before others get their turn, and those that wait for its buffers. */
#define FRAMES_IN_TURN	64
#define FRAMES_WAITING	256
#define BYTES_WAITING	SZ_1M
/* Of its buffers, in a turn. */
#define BUFFERS_IN_TURN	1024
/* First byte of our end's address: the rest is as the client's. */
#define OWN_FIRST	0xfe
#define MAC_PREFIX	"mac:"
#define NAME_PREFIX	"interface:"

static LIST_HEAD(nics);		/* by the work item that looks for devices */

/* What is to be cut into frames may be long, and in more parts than a frame. */
static bool nic_takes(const struct purlin_nic *nic, struct sk_buff *skb)
{
	struct sk_buff *part;

	skb_walk_frags(skb, part)
		if (skb_has_frag_list(part))
			return false;
	return nic->open && skb->len <= (skb_is_gso(skb) ? PURLIN_PIECE_MOST : PURLIN_FRAME_MOST) &&
	       skb_queue_len(&nic->waiting) < FRAMES_WAITING &&
	       nic->waiting_bytes + skb->len <= BYTES_WAITING;
}

static netdev_tx_t nic_transmit(struct sk_buff *skb, struct net_device *dev)
{
	struct purlin_nic *nic = netdev_priv(dev);
	unsigned long flags;
	bool taken;

	/* Whoever has sent it does not wait for the client, and may change what was its own. */
	taken = !skb_orphan_frags(skb, GFP_ATOMIC);
	skb_orphan(skb);
	nf_reset_ct(skb);
	spin_lock_irqsave(&nic->waiting.lock, flags);
	taken = taken && nic_takes(nic, skb);
	if (taken) {
		__skb_queue_tail(&nic->waiting, skb);
		nic->waiting_bytes += skb->len;
	} else {
		nic->stats.tx_dropped++;
	}
	spin_unlock_irqrestore(&nic->waiting.lock, flags);
	if (taken)
		purlin_served_again(nic->served);
	else
		kfree_skb(skb);
	return NETDEV_TX_OK;
}

static struct sk_buff *waiting_take(struct purlin_nic *nic)
{
	struct sk_buff *skb;
	unsigned long flags;

	spin_lock_irqsave(&nic->waiting.lock, flags);
	skb = __skb_dequeue(&nic->waiting);
	if (skb)
		nic->waiting_bytes -= skb->len;
	spin_unlock_irqrestore(&nic->waiting.lock, flags);
	return skb;
}

/* Pieces of streams are for clients that take them. */
static netdev_features_t nic_fix_features(struct net_device *dev, netdev_features_t features)
{
	const struct purlin_nic *nic = netdev_priv(dev);

	if (!nic->open || !purlin_frame_piece_taken(nic, SKB_GSO_TCPV4))
		features &= ~NETIF_F_TSO;
	if (!nic->open || !purlin_frame_piece_taken(nic, SKB_GSO_TCPV6))
		features &= ~NETIF_F_TSO6;
	if (!nic->open || !purlin_frame_piece_taken(nic, SKB_GSO_TCPV4 | SKB_GSO_TCP_ECN))
		features &= ~NETIF_F_TSO_ECN;
	return features;
}

static void nic_stats(struct net_device *dev, struct rtnl_link_stats64 *stats)
{
	struct purlin_nic *nic = netdev_priv(dev);

	*stats = nic->stats;
}

static const struct net_device_ops nic_operations = {
	.ndo_start_xmit = nic_transmit,
	.ndo_get_stats64 = nic_stats,
	.ndo_fix_features = nic_fix_features,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

/* How many frames it is. What is refused counts, too: it has taken as long. */
static unsigned int frame_take(struct purlin_nic *nic, const struct purlin_chain *chain,
			       struct list_head *frames)
{
	unsigned int count = 1;
	struct sk_buff *skb;

	if (chain->again)
		return count;
	skb = purlin_frame_read(nic, chain);
	if (!skb) {
		nic->stats.rx_errors++;
		return count;
	}
	if (!netif_running(nic->dev)) {
		nic->stats.rx_dropped++;
		kfree_skb(skb);
		return count;
	}
	if (skb_is_gso(skb))
		count = DIV_ROUND_UP(skb->len, skb_shinfo(skb)->gso_size);
	nic->stats.rx_packets++;
	nic->stats.rx_bytes += skb->len;
	skb->protocol = eth_type_trans(skb, nic->dev);
	list_add_tail(&skb->list, frames);
	return count;
}

/* How many frames of this turn there are then. */
static unsigned int frames_take(struct purlin_nic *nic, unsigned int count,
				struct list_head *frames, bool *tell)
{
	struct purlin_ring *ring = &nic->served->ring;
	struct purlin_chain chain;

	while (count < FRAMES_IN_TURN && purlin_ring_next(ring, TRANSMIT, &chain)) {
		count += frame_take(nic, &chain, frames);
		*tell |= purlin_ring_answer(ring, TRANSMIT, chain.head, 0);
	}
	return count;
}

static void frame_given(struct purlin_nic *nic, struct sk_buff *skb, bool whole)
{
	if (whole) {
		nic->stats.tx_packets += skb_is_gso(skb) ? skb_shinfo(skb)->gso_segs : 1;
		nic->stats.tx_bytes += skb->len;
	} else {
		nic->stats.tx_errors++;
	}
	consume_skb(skb);
}

/* Into one buffer, if there is one. Too short a buffer is the client's loss. */
static bool frame_give(struct purlin_nic *nic, unsigned int *buffers, bool *tell)
{
	struct purlin_ring *ring = &nic->served->ring;
	struct purlin_chain chain;
	struct sk_buff *skb;
	u32 written;

	if (!purlin_ring_next(ring, RECEIVE, &chain))
		return false;
	skb = waiting_take(nic);
	written = purlin_frame_write(nic, &chain, skb);
	*tell |= purlin_ring_answer(ring, RECEIVE, chain.head, written);
	++*buffers;
	frame_given(nic, skb, written);
	return true;
}

/* The frame has got its buffers; or it is lost, and they hold nothing. */
static void giving_end(struct purlin_nic *nic, bool whole, bool *tell)
{
	struct purlin_giving *giving = &nic->giving;
	unsigned int i;

	whole = whole && purlin_frame_end(nic);
	for (i = 0; i < giving->buffers; i++)
		*tell |= purlin_ring_answer(&nic->served->ring, RECEIVE, giving->buffer[i].head,
					    whole ? giving->buffer[i].written : 0);
	frame_given(nic, giving->skb, whole);
	giving->skb = NULL;
}

/* Into as many buffers as it takes. False: there are too few; what there was it has in hand. */
static bool frame_give_merged(struct purlin_nic *nic, unsigned int *buffers, bool *tell)
{
	struct purlin_ring *ring = &nic->served->ring;
	struct purlin_giving *giving = &nic->giving;
	struct purlin_chain chain;

	if (!giving->skb) {
		struct sk_buff *skb = waiting_take(nic);

		if (!purlin_frame_begin(nic, skb)) {
			frame_given(nic, skb, false);
			return true;
		}
	}
	while (giving->left) {
		if (!purlin_ring_next(ring, RECEIVE, &chain))
			return false;
		++*buffers;
		if (!purlin_frame_go_on(nic, &chain)) {
			*tell |= purlin_ring_answer(ring, RECEIVE, chain.head, 0);
			giving_end(nic, false, tell);
			return true;
		}
	}
	giving_end(nic, true, tell);
	return true;
}

/* As many as wait now. Whether there are some for which the client has no buffer. */
static bool frames_give(struct purlin_nic *nic, bool *tell)
{
	bool merges = purlin_frame_merges(nic);
	unsigned int count = skb_queue_len_lockless(&nic->waiting) + !!nic->giving.skb, buffers = 0;

	for (; count; count--) {
		if (buffers >= BUFFERS_IN_TURN) {
			purlin_served_again(nic->served);
			return false;
		}
		if (!(merges ? frame_give_merged : frame_give)(nic, &buffers, tell))
			return true;
	}
	return false;
}

static void nic_work(struct purlin_served *served)
{
	struct purlin_nic *nic = served->device;
	struct purlin_ring *ring = &served->ring;
	bool tell = false, lacks;
	unsigned int count;
	LIST_HEAD(frames);

	/* While we look anyway, the client need not tell us. */
	purlin_ring_signals(ring, TRANSMIT, false);
	purlin_ring_signals(ring, RECEIVE, false);
	count = frames_take(nic, 0, &frames, &tell);
	lacks = frames_give(nic, &tell);
	purlin_ring_signals(ring, TRANSMIT, true);
	/* What came before the client saw that, it did not tell. */
	count = frames_take(nic, count, &frames, &tell);
	if (lacks) {
		/* Of buffers to receive in it tells only if frames wait for them. */
		purlin_ring_signals(ring, RECEIVE, true);
		frames_give(nic, &tell);
	}
	if (count >= FRAMES_IN_TURN)
		purlin_served_again(served);
	/* When it is broken, the client learns that without having to look. */
	if (tell || ring->over)
		purlin_served_tell(served);
	local_bh_disable();
	netif_receive_skb_list(&frames);
	local_bh_enable();
}

static void nic_open(struct purlin_nic *nic, bool open)
{
	spin_lock_irq(&nic->waiting.lock);
	nic->open = open;
	spin_unlock_irq(&nic->waiting.lock);
}

/* Linux asks what the client takes. */
static void nic_features(struct purlin_nic *nic)
{
	rtnl_lock();
	netdev_update_features(nic->dev);
	rtnl_unlock();
}

static int nic_start(struct purlin_served *served)
{
	struct purlin_nic *nic = served->device;

	nic_open(nic, true);
	nic_features(nic);
	netif_carrier_on(nic->dev);
	return 0;
}

static void nic_stop(struct purlin_served *served)
{
	struct purlin_nic *nic = served->device;

	netif_carrier_off(nic->dev);
	nic_open(nic, false);
	nic_features(nic);
}

static void nic_release(struct purlin_served *served)
{
	struct purlin_nic *nic = served->device;

	kfree_skb(nic->giving.skb);
	nic->giving.skb = NULL;
	skb_queue_purge(&nic->waiting);
	nic->waiting_bytes = 0;
}

/* "mac:02:00:00:00:00:01" */
static bool address_read(const char *identity, u8 *address)
{
	return !strncmp(identity, MAC_PREFIX, strlen(MAC_PREFIX)) &&
	       mac_pton(identity + strlen(MAC_PREFIX), address) && is_valid_ether_addr(address) &&
	       address[0] != OWN_FIRST;
}

static bool address_taken(const u8 *address)
{
	struct purlin_nic *nic;

	list_for_each_entry(nic, &nics, list)
		if (ether_addr_equal(nic->client, address))
			return true;
	return false;
}

static const char *name_of(const struct purlin_served *served)
{
	if (strncmp(served->part, NAME_PREFIX, strlen(NAME_PREFIX)))
		return "served%d";
	return served->part + strlen(NAME_PREFIX);
}

static int nic_register(struct net_device *dev, const u8 *client)
{
	u8 own[ETH_ALEN];

	ether_addr_copy(own, client);
	own[0] = OWN_FIRST;
	eth_hw_addr_set(dev, own);
	dev->netdev_ops = &nic_operations;
	/* What finds no room is lost here, and not kept: a client could hold up all others. */
	dev->priv_flags |= IFF_NO_QUEUE;
	/* serve-frame.c makes checksums for clients that do not, and writes frames part by part. */
	dev->hw_features = NETIF_F_HW_CSUM | NETIF_F_SG | NETIF_F_TSO | NETIF_F_TSO6 |
			   NETIF_F_TSO_ECN;
	dev->features |= dev->hw_features | NETIF_F_FRAGLIST;
	netif_carrier_off(dev);
	return register_netdev(dev);
}

static int nic_make(struct purlin_served *served, const char *name, const u8 *client)
{
	struct net_device *dev = alloc_netdev(sizeof(struct purlin_nic), name, NET_NAME_PREDICTABLE,
					      ether_setup);
	struct purlin_nic *nic;
	int ret;

	if (!dev)
		return -ENOMEM;
	nic = netdev_priv(dev);
	nic->served = served;
	nic->dev = dev;
	ether_addr_copy(nic->client, client);
	skb_queue_head_init(&nic->waiting);
	ret = nic_register(dev, client);
	if (ret) {
		free_netdev(dev);
		return ret;
	}
	list_add(&nic->list, &nics);
	served->device = nic;
	return 0;
}

static void describe(struct purlin_serve_info *info, const u8 *client)
{
	*info = (struct purlin_serve_info){
		.type = VIRTIO_ID_NET,
		.features = VIRTIO_FEATURE_VERSION_1 | VIRTIO_FEATURE_INDIRECT |
			    PURLIN_OFFLOADS | BIT_ULL(VIRTIO_NET_F_MAC),
		.queues = 2,
		.queue_size = PURLIN_NIC_QUEUE,
		.config_bytes = ETH_ALEN,
	};
	ether_addr_copy(info->config, client);
}

static int nic_find(struct purlin_served *served, const char **problem)
{
	const char *name = name_of(served);
	u8 client[ETH_ALEN];
	int ret;

	if (!address_read(served->identity, client)) {
		*problem = "its identity is not \"mac:\" and an address that a client may have";
		return -EINVAL;
	}
	if (address_taken(client)) {
		*problem = "another rule has that address";
		return -EEXIST;
	}
	if (strlen(name) >= IFNAMSIZ) {
		*problem = "the interface's name is too long";
		return -EINVAL;
	}
	ret = nic_make(served, name, client);
	if (ret == -EEXIST)
		*problem = "there is an interface of that name";
	if (ret == -EINVAL)
		*problem = "no interface may have that name";
	if (ret)
		return ret;
	describe(&served->info, client);
	return 0;
}

/* The interface is there as long as this Linux is. */
static bool nic_gone(struct purlin_served *served)
{
	return false;
}

static struct purlin_serve_kind interfaces = {
	.service = "Nic",
	.modest = true,
	.find = nic_find,
	.gone = nic_gone,
	.start = nic_start,
	.work = nic_work,
	.stop = nic_stop,
	.release = nic_release,
};

static int __init nics_register(void)
{
	purlin_serve_register(&interfaces);
	return 0;
}
device_initcall(nics_register);
