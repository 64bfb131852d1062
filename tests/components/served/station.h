/* SPDX-License-Identifier: MIT */
/*
 * A client of a Linux's network. It asks for the address of the interface there (ARP, RFC 826),
 * each time as another machine, whose number comes back in the answer. So an answer tells which
 * request has been passed on.
 */
#ifndef SERVED_STATION_H
#define SERVED_STATION_H

#include <stdint.h>

#include "crimes.h"

#define STATION_RECEIVE 0
#define STATION_TRANSMIT 1
#define STATION_AREA 2048
#define STATION_HEADER 12
#define STATION_LEAST 14  /* bytes of a frame */
#define STATION_MOST 1518 /* with a tag of a virtual network */
#define STATION_ASKS 42
/* CSUM, GUEST_CSUM, HOST_TSO4, HOST_TSO6, HOST_ECN: VIRTIO 1.2, 5.1.3. */
#define STATION_OFFLOADS 0x3803ull
/* GUEST_CSUM, GUEST_TSO4, GUEST_TSO6, GUEST_ECN, MRG_RXBUF. */
#define STATION_MERGES 0x8382ull

struct station {
	struct device_link link;
	struct virtio_client_queue receive, send;
	struct virtio_client_entry receive_entries[CRIMES_QUEUE], send_entries[CRIMES_QUEUE];
};

/* A session with label `label`, with these offloads; and its end, by which its memory is gone at
 * once. */
void station_begin(struct station *station, const char *label, uint64_t offloads);
void station_end(struct station *station);
/* Wait until the server says something. */
void station_wait(const struct station *station);

/* Area `index` of the pool, and a buffer of so many bytes there to receive in. */
unsigned char *station_area(const struct station *station, unsigned int index);
void station_offer(struct station *station, unsigned int index, uint32_t bytes);
/* Put the question of machine `number` into that area, behind an empty header. */
void station_question(const struct station *station, unsigned int index, unsigned int number);
/* Send a header and a frame of so many bytes from that area. Its server is not told yet. */
void station_send(struct station *station, unsigned int index, uint32_t bytes);
/* An area whose frame was taken, or -1. */
int station_sent(struct station *station);
/*
 * The number of an answer that came; 0: there is none; -1: something else came. The area is offered
 * again.
 */
int station_received(struct station *station);
/* The same of a header and a frame of so many bytes, which came in so many buffers. */
int station_answer(const unsigned char *frame, uint32_t bytes, unsigned int buffers);

#endif
