/* SPDX-License-Identifier: GPL-2.0 */
/* Networks that are served: interfaces and sessions (serve-nic.c), and frames (serve-frame.c). */
#ifndef _PURLIN_SERVE_NIC_H
#define _PURLIN_SERVE_NIC_H

#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <uapi/linux/virtio_net.h>
#include "serve.h"

#define PURLIN_FRAME_MOST	(ETH_FRAME_LEN + VLAN_HLEN)
/* A piece of a TCP stream with the headers of one frame, which is yet to be cut into frames. */
#define PURLIN_PIECE_MOST	(ETH_HLEN + VLAN_HLEN + 65535)
/*
 * What a client leaves to us: a checksum, and to cut a piece of a stream. And what it accepts of
 * us: a checksum that is to be made, and pieces, each in as many buffers as it takes.
 */
#define PURLIN_OFFLOADS	(BIT_ULL(VIRTIO_NET_F_CSUM) | BIT_ULL(VIRTIO_NET_F_HOST_TSO4) | \
			 BIT_ULL(VIRTIO_NET_F_HOST_TSO6) | BIT_ULL(VIRTIO_NET_F_HOST_ECN) | \
			 BIT_ULL(VIRTIO_NET_F_GUEST_CSUM) | BIT_ULL(VIRTIO_NET_F_GUEST_TSO4) | \
			 BIT_ULL(VIRTIO_NET_F_GUEST_TSO6) | BIT_ULL(VIRTIO_NET_F_GUEST_ECN) | \
			 BIT_ULL(VIRTIO_NET_F_MRG_RXBUF))
#define PURLIN_NIC_QUEUE	256

/* In a frame: in its first memory (part -1), in one of its parts, or in one that hangs on it. */
struct purlin_place {
	const struct sk_buff *skb;
	int part;
	u32 at;
};

/* A frame on its way into several buffers of a client. They are answered when it is whole. */
struct purlin_giving {
	struct sk_buff *skb;	/* NULL: there is none */
	struct virtio_net_hdr_v1 header;
	struct purlin_place place;
	u32 left;		/* bytes */
	struct purlin_chain first;
	unsigned int buffers;
	struct {
		u16 head;
		u32 written;
	} buffer[PURLIN_NIC_QUEUE];
};

struct purlin_nic {
	struct purlin_served *served;
	struct net_device *dev;
	u8 client[ETH_ALEN];
	/* Its lock is that of `open`, and of what is counted of sending, too. */
	struct sk_buff_head waiting;
	u32 waiting_bytes;
	bool open;		/* there is a client */
	struct purlin_giving giving;
	struct rtnl_link_stats64 stats;
	struct list_head list;
};

/* The frame of a chain, or NULL: it is none, or not under the client's own address. */
struct sk_buff *purlin_frame_read(struct purlin_nic *nic, const struct purlin_chain *chain);
/* Into the buffers of a chain; how many bytes that makes, 0: they are too few. */
u32 purlin_frame_write(struct purlin_nic *nic, const struct purlin_chain *chain,
		       struct sk_buff *skb);

/* Whether the client takes frames in several buffers, and pieces of such streams. */
bool purlin_frame_merges(const struct purlin_nic *nic);
bool purlin_frame_piece_taken(const struct purlin_nic *nic, unsigned int gso_type);
/* Give it in several buffers, `giving`. False: it cannot be given. */
bool purlin_frame_begin(struct purlin_nic *nic, struct sk_buff *skb);
/* The next buffer. False: it is none that a frame may be in; the frame is lost. */
bool purlin_frame_go_on(struct purlin_nic *nic, const struct purlin_chain *chain);
/* All of it has been given: say so in its header. */
bool purlin_frame_end(struct purlin_nic *nic);

#endif /* _PURLIN_SERVE_NIC_H */
