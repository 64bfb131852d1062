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

/* What lies at the place, and how many bytes there are in one piece of memory; 0: it is the end. */
static u32 place_look(const struct sk_buff *whole, struct purlin_place *place, void **data)
{
	while (place->skb) {
		const struct skb_shared_info *shared = skb_shinfo(place->skb);
		const skb_frag_t *part = &shared->frags[place->part];
		u32 bytes = place->part < 0 ? skb_headlen(place->skb) : skb_frag_size(part);

		if (place->at < bytes) {
			*data = (place->part < 0 ? (void *)place->skb->data :
						   skb_frag_address(part)) + place->at;
			return bytes - place->at;
		}
		place->at = 0;
		if (++place->part < shared->nr_frags)
			continue;
		place->part = -1;
		place->skb = place->skb == whole ? shared->frag_list : place->skb->next;
	}
	return 0;
}

static struct purlin_place beginning(const struct sk_buff *skb)
{
	return (struct purlin_place){ skb, -1, 0 };
}

static bool part_pass(struct purlin_nic *nic, const struct purlin_chain *chain, u32 at, void *part,
		      unsigned int bytes, bool give)
{
	struct purlin_ring *ring = &nic->served->ring;

	return give ? purlin_chain_write(ring, chain, at, part, bytes) :
		      purlin_chain_read(ring, chain, at, part, bytes);
}

/*
 * So many bytes from a place in a frame on: to byte `at` of the client's memory, or from there into
 * ours before it is looked at. False: that has gone, or is too short.
 */
static bool data_pass(struct purlin_nic *nic, const struct purlin_chain *chain, u32 at,
		      const struct sk_buff *skb, struct purlin_place *place, u32 bytes, bool give)
{
	void *data;

	while (bytes) {
		u32 some = min(place_look(skb, place, &data), bytes);

		if (!some || !part_pass(nic, chain, at, data, some, give))
			return false;
		place->at += some;
		at += some;
		bytes -= some;
	}
	return true;
}

struct sk_buff *purlin_frame_read(struct purlin_nic *nic, const struct purlin_chain *chain)
{
	u32 bytes = chain->readable - HEADER;
	struct virtio_net_hdr_v1 header;
	struct purlin_place place;
	struct sk_buff *skb;

	if (chain->readable < HEADER + ETH_HLEN || chain->readable > HEADER + PURLIN_PIECE_MOST ||
	    !purlin_chain_read(&nic->served->ring, chain, 0, &header, sizeof(header)) ||
	    !header_valid(nic, &header, bytes)) {
		nic->stats.rx_length_errors++;
		return NULL;
	}
	skb = frame_new(nic, bytes);
	if (!skb)
		return NULL;
	place = beginning(skb);
	if (data_pass(nic, chain, HEADER, skb, &place, bytes, false) &&
	    ether_addr_equal(((struct ethhdr *)skb->data)->h_source, nic->client) &&
	    !virtio_net_hdr_to_skb(skb, (const struct virtio_net_hdr *)&header, true))
		return skb;
	nic->stats.rx_frame_errors++;
	kfree_skb(skb);
	return NULL;
}

bool purlin_frame_merges(const struct purlin_nic *nic)
{
	return has(nic, VIRTIO_NET_F_MRG_RXBUF);
}

bool purlin_frame_piece_taken(const struct purlin_nic *nic, unsigned int gso_type)
{
	const unsigned int known = SKB_GSO_TCPV4 | SKB_GSO_TCPV6 | SKB_GSO_TCP_ECN | SKB_GSO_DODGY;

	if (!purlin_frame_merges(nic) || !has(nic, VIRTIO_NET_F_GUEST_CSUM) || gso_type & ~known)
		return false;
	if (gso_type & SKB_GSO_TCP_ECN && !has(nic, VIRTIO_NET_F_GUEST_ECN))
		return false;
	return (gso_type & SKB_GSO_TCPV4 && has(nic, VIRTIO_NET_F_GUEST_TSO4)) ||
	       (gso_type & SKB_GSO_TCPV6 && has(nic, VIRTIO_NET_F_GUEST_TSO6));
}

/*
 * A checksum that is still to be made is the client's to make, if it has said that it can. What it
 * takes may have changed since Linux was told.
 */
static bool header_make(const struct purlin_nic *nic, struct sk_buff *skb,
			struct virtio_net_hdr_v1 *header)
{
	*header = (struct virtio_net_hdr_v1){
		.num_buffers = (__force __virtio16)cpu_to_le16(1),
	};
	if (skb_is_gso(skb) && !purlin_frame_piece_taken(nic, skb_shinfo(skb)->gso_type))
		return false;
	if (has(nic, VIRTIO_NET_F_GUEST_CSUM))
		return !virtio_net_hdr_from_skb(skb, (struct virtio_net_hdr *)header, true, true,
						0);
	return skb->ip_summed != CHECKSUM_PARTIAL || !skb_checksum_help(skb);
}

u32 purlin_frame_write(struct purlin_nic *nic, const struct purlin_chain *chain,
		       struct sk_buff *skb)
{
	struct virtio_net_hdr_v1 header;
	struct purlin_place place;

	if (!header_make(nic, skb, &header) ||
	    !purlin_chain_write(&nic->served->ring, chain, 0, &header, sizeof(header)))
		return 0;
	place = beginning(skb);
	return data_pass(nic, chain, HEADER, skb, &place, skb->len, true) ? HEADER + skb->len : 0;
}

bool purlin_frame_begin(struct purlin_nic *nic, struct sk_buff *skb)
{
	struct purlin_giving *giving = &nic->giving;

	if (!header_make(nic, skb, &giving->header))
		return false;
	giving->skb = skb;
	giving->place = beginning(skb);
	giving->left = skb->len;
	giving->buffers = 0;
	return true;
}

bool purlin_frame_go_on(struct purlin_nic *nic, const struct purlin_chain *chain)
{
	struct purlin_giving *giving = &nic->giving;
	u32 at = giving->buffers ? 0 : HEADER, some;

	if (chain->writable <= at || giving->buffers == ARRAY_SIZE(giving->buffer))
		return false;
	some = min(giving->left, chain->writable - at);
	if (!data_pass(nic, chain, at, giving->skb, &giving->place, some, true))
		return false;
	if (!giving->buffers)
		giving->first = *chain;
	giving->buffer[giving->buffers].head = chain->head;
	giving->buffer[giving->buffers].written = at + some;
	giving->buffers++;
	giving->left -= some;
	return true;
}

bool purlin_frame_end(struct purlin_nic *nic)
{
	struct purlin_giving *giving = &nic->giving;

	giving->header.num_buffers = (__force __virtio16)cpu_to_le16(giving->buffers);
	return purlin_chain_write(&nic->served->ring, &giving->first, 0, &giving->header,
				  sizeof(giving->header));
}
