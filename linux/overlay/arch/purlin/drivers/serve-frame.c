// SPDX-License-Identifier: GPL-2.0
/*
 * Frames between clients' memory and ours, always by copies, and their headers (VIRTIO 1.2, 5.1.6).
 * What a client's header asks for has been offered, or the frame is none.
 */
#include <linux/virtio_net.h>
#include "serve-nic.h"

#define HEADER		sizeof(struct virtio_net_hdr_v1)
/* Of a piece of a stream: at least so many bytes lie in one piece of memory here. */
#define LINEAR_MOST	256
#define PIECE_MOST	(ETH_HLEN + VLAN_HLEN + 65535)
#define PIECE_LEAST	128	/* of data in each frame, or it would be work for nothing */

static bool has(const struct purlin_nic *nic, unsigned int feature)
{
	return nic->served->ring.features & BIT_ULL(feature);
}

static u16 frame_data(const struct virtio_net_hdr_v1 *header)
{
	return le16_to_cpu((__force __le16)header->gso_size);
}

/* Whether a header says nothing but what the client has been offered, and has taken. */
static bool header_valid(const struct purlin_nic *nic, const struct virtio_net_hdr_v1 *header,
			 u32 bytes)
{
	u8 kind = header->gso_type & ~VIRTIO_NET_HDR_GSO_ECN;

	if (header->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM && !has(nic, VIRTIO_NET_F_CSUM))
		return false;
	if (header->gso_type == VIRTIO_NET_HDR_GSO_NONE)
		return bytes <= PURLIN_FRAME_MOST;
	if (header->gso_type & VIRTIO_NET_HDR_GSO_ECN && !has(nic, VIRTIO_NET_F_HOST_ECN))
		return false;
	return header->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM && frame_data(header) >= PIECE_LEAST &&
	       ((kind == VIRTIO_NET_HDR_GSO_TCPV4 && has(nic, VIRTIO_NET_F_HOST_TSO4)) ||
		(kind == VIRTIO_NET_HDR_GSO_TCPV6 && has(nic, VIRTIO_NET_F_HOST_TSO6)));
}

/* So many bytes, in pages but for the first ones. */
static struct sk_buff *piece_new(const struct purlin_nic *nic, u32 bytes)
{
	u32 linear = min(bytes, LINEAR_MOST);
	struct sk_buff *skb;
	int error;

	skb = alloc_skb_with_frags(NET_SKB_PAD + NET_IP_ALIGN + linear, bytes - linear,
				   PAGE_ALLOC_COSTLY_ORDER, &error, GFP_KERNEL | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, NET_SKB_PAD + NET_IP_ALIGN);
	skb_put(skb, linear);
	skb->data_len = bytes - linear;
	skb->len = bytes;
	skb->dev = nic->dev;
	return skb;
}

static struct sk_buff *frame_new(const struct purlin_nic *nic, u32 bytes)
{
	struct sk_buff *skb;

	if (bytes > PURLIN_FRAME_MOST)
		return piece_new(nic, bytes);
	skb = netdev_alloc_skb_ip_align(nic->dev, bytes);
	if (skb)
		skb_put(skb, bytes);
	return skb;
}

static bool part_pass(struct purlin_nic *nic, const struct purlin_chain *chain, u32 at, void *part,
		      unsigned int bytes, bool give)
{
	struct purlin_ring *ring = &nic->served->ring;

	return give ? purlin_chain_write(ring, chain, at, part, bytes) :
		      purlin_chain_read(ring, chain, at, part, bytes);
}

/*
 * Behind a header: to the client's memory, or into ours before it is looked at. False: that has
 * gone, or is too short.
 */
static bool data_pass(struct purlin_nic *nic, const struct purlin_chain *chain,
		      struct sk_buff *skb, bool give)
{
	u32 at = HEADER + skb_headlen(skb);
	unsigned int i;

	if (!part_pass(nic, chain, HEADER, skb->data, skb_headlen(skb), give))
		return false;
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++) {
		const skb_frag_t *part = &skb_shinfo(skb)->frags[i];

		if (!part_pass(nic, chain, at, skb_frag_address(part), skb_frag_size(part), give))
			return false;
		at += skb_frag_size(part);
	}
	return true;
}

struct sk_buff *purlin_frame_read(struct purlin_nic *nic, const struct purlin_chain *chain)
{
	u32 bytes = chain->readable - HEADER;
	struct virtio_net_hdr_v1 header;
	struct sk_buff *skb;

	if (chain->readable < HEADER + ETH_HLEN || chain->readable > HEADER + PIECE_MOST ||
	    !purlin_chain_read(&nic->served->ring, chain, 0, &header, sizeof(header)) ||
	    !header_valid(nic, &header, bytes)) {
		nic->stats.rx_length_errors++;
		return NULL;
	}
	skb = frame_new(nic, bytes);
	if (!skb)
		return NULL;
	if (data_pass(nic, chain, skb, false) &&
	    ether_addr_equal(((struct ethhdr *)skb->data)->h_source, nic->client) &&
	    !virtio_net_hdr_to_skb(skb, (const struct virtio_net_hdr *)&header, true))
		return skb;
	nic->stats.rx_frame_errors++;
	kfree_skb(skb);
	return NULL;
}

/* A checksum that is still to be made is the client's to make, if it has said that it can. */
static bool header_make(const struct purlin_nic *nic, struct sk_buff *skb,
			struct virtio_net_hdr_v1 *header)
{
	*header = (struct virtio_net_hdr_v1){
		.num_buffers = (__force __virtio16)cpu_to_le16(1),
	};
	if (has(nic, VIRTIO_NET_F_GUEST_CSUM))
		return !virtio_net_hdr_from_skb(skb, (struct virtio_net_hdr *)header, true, true,
						0);
	return skb->ip_summed != CHECKSUM_PARTIAL || !skb_checksum_help(skb);
}

u32 purlin_frame_write(struct purlin_nic *nic, const struct purlin_chain *chain,
		       struct sk_buff *skb)
{
	struct virtio_net_hdr_v1 header;

	return header_make(nic, skb, &header) &&
	       purlin_chain_write(&nic->served->ring, chain, 0, &header, sizeof(header)) &&
	       data_pass(nic, chain, skb, true) ? HEADER + skb->len : 0;
}
