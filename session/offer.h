/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Offer: a Linux serves devices that its drivers have found. A broker (servers/broker/) stands
 * between that Linux and its clients. The system description tells the broker which devices the
 * clients may have; Linux asks for this list, looks for each device in it, and offers the device
 * once it has found it. Clients open device sessions (session/virtio.h) at the broker, which hands
 * their memory and signals to Linux. From then on client and Linux use queues and signals directly,
 * without the broker.
 *
 * When Linux ends, the broker keeps the sessions. The next life of Linux asks for the list again,
 * offers the same devices again, and takes the same memory; the record in that memory says which
 * requests were in flight. Clients are not told of the change. If a device does not come back in
 * time, or a different one comes in its place, its session ends (VIRTIO_BROKEN_SERVER).
 *
 * A device is named by its number in the list, counted from 0.
 */
#ifndef SESSION_OFFER_H
#define SESSION_OFFER_H

#include "session.h"

#define OFFER_DEVICES 16
#define OFFER_SERVICE_BYTES 16
#define OFFER_IDENTITY_BYTES 32
#define OFFER_PART_BYTES 48
#define OFFER_FILE_BYTES 64

/*
 * Start to serve. Capability 0: a signal (WRITE), which is notified when OFFER_LOOK has news.
 * Reply: word 0: how many devices are in the list. BAD_CAPABILITY: no signal came. NO_RIGHT: it
 * came without WRITE.
 */
#define OFFER_START 1

/*
 * Read an entry of the list. Word 0: number. Reply: words 0..1: service ("Block"); words 2..5: the
 * identity by which Linux finds the device, such as "serial:QM00005" (text); word 6:
 * OFFER_READ_ONLY or 0; words 7..12: which part of the device the client gets, such as
 * "part-label:home" (text), or nothing for the whole device; for a Nic, the name of the client's
 * interface, as "interface:NAME"; words 13..20: the file that the client gets, as a path in the
 * file system on that device or part, or nothing. NO_DEVICE: there is no such number.
 */
#define OFFER_WANTED 2
#define OFFER_READ_ONLY 1

/*
 * Offer a device that was found. Word 0: number; words 1..5: type, features, number of queues,
 * largest size of a queue, bytes of configuration, as in VIRTIO_INFO; word 6: a number made from
 * everything that the device says about itself, so that a different device in the same place, or
 * with the same name, has a different number; from word 7 on: the configuration. Reply: capability
 * 0: the signal by which clients announce requests; the device's number says which bit. Linux binds
 * the signal to a vCPU; it is the same one in each life. If the device is not the one that a client
 * has started with, the client's session ends, and the offer is for the next session. NO_DEVICE:
 * there is no such number. BAD_ARGUMENT: no device can have these properties.
 */
#define OFFER_DEVICE 3

/* Withdraw a device that has gone. Word 0: number. NO_DEVICE: it was not offered. */
#define OFFER_WITHDRAW 4

/*
 * See which devices have a session. Reply: word N: a number that changes each time a client starts
 * a session with device N; 0: no client has started one.
 */
#define OFFER_LOOK 5

/*
 * Take a client's session. Word 0: number. Reply: words 0..3: the number that OFFER_LOOK gives,
 * features, size of the queues, pages; word 4: how many parts of more memory the client has lent;
 * capability 0: the client's memory (READ, WRITE); capability 1: the client's signal (WRITE), to be
 * notified with bits ~0. NO_DEVICE: the device is not offered. AGAIN: no client has started a
 * session.
 */
#define OFFER_TAKE 6

/*
 * Take a part of the memory that the client has lent with VIRTIO_LEND. Word 0: number; word 1: the
 * part, from 0 on. Reply: words 0..3: the number that OFFER_LOOK gives, and words 0..2 of
 * VIRTIO_LEND; capability 0: the memory object (READ, WRITE). NO_DEVICE: the device is not offered,
 * or there is no such part. AGAIN: no client has started a session.
 */
#define OFFER_TAKE_LENT 7

#endif
