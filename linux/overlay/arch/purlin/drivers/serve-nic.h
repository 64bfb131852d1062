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
/*
 * What a client leaves to us: a checksum, and to cut a piece of a TCP stream, which comes with the
 * headers of one frame, into frames. And what it accepts of us: a checksum that is to be made.
 */
#define PURLIN_OFFLOADS	(BIT_ULL(VIRTIO_NET_F_CSUM) | BIT_ULL(VIRTIO_NET_F_HOST_TSO4) | \
			 BIT_ULL(VIRTIO_NET_F_HOST_TSO6) | BIT_ULL(VIRTIO_NET_F_HOST_ECN) | \
			 BIT_ULL(VIRTIO_NET_F_GUEST_CSUM))

struct purlin_nic {
	struct purlin_served *served;
	struct net_device *dev;
	u8 client[ETH_ALEN];
	/* Its lock is that of `open`, and of what is counted of sending, too. */
	struct sk_buff_head waiting;
	bool open;		/* there is a client */
	struct rtnl_link_stats64 stats;
	struct list_head list;
};

/* The frame of a chain, or NULL: it is none, or not under the client's own address. */
struct sk_buff *purlin_frame_read(struct purlin_nic *nic, const struct purlin_chain *chain);
/* Into the buffers of a chain; how many bytes that makes, 0: they are too few. */
u32 purlin_frame_write(struct purlin_nic *nic, const struct purlin_chain *chain,
		       struct sk_buff *skb);

#endif /* _PURLIN_SERVE_NIC_H */
