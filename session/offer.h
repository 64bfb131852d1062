/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Offer: a Linux serves devices that its drivers found, and a broker (servers/broker/) stands
 * between it and the clients. The description tells the broker what is to be had by whom; Linux
 * asks for that list, looks for each of these devices, and offers it when it is there. Clients open
 * device sessions (session/virtio.h) at the broker, which hands their memory and signals to Linux.
 * From then on the two ends need the broker no more: queues and signals are theirs.
 *
 * When Linux ends, the broker keeps the sessions. The next life of Linux asks for the list again,
 * offers the same devices again, and takes the same memory: its record says what was in flight.
 * Clients hear nothing of that. If a device does not come back in time, or is another one, its
 * session ends (VIRTIO_BROKEN_SERVER).
 *
 * Words that name a device: its number in the list, from 0 on.
 */
#ifndef SESSION_OFFER_H
#define SESSION_OFFER_H

#include "session.h"

#define OFFER_DEVICES 16
#define OFFER_SERVICE_BYTES 16
#define OFFER_IDENTITY_BYTES 32
#define OFFER_PART_BYTES 48

/*
 * Start. Capability 0: a signal (WRITE), notified when OFFER_LOOK has news. Reply: word 0: how many
 * devices are wanted. BAD_CAPABILITY: no signal came. NO_RIGHT: it came without WRITE.
 */
#define OFFER_START 1

/*
 * What is wanted. Word 0: number. Reply: words 0..1: service ("Block"); words 2..5: what the
 * device is known by, such as "serial:QM00005" (text); word 6: OFFER_READ_ONLY or 0; words 7..12:
 * which part of it, such as "part-label:home" (text), or nothing for the whole; of a Nic: the name
 * of the client's interface, as "interface:NAME". NO_DEVICE: there is no such number.
 */
#define OFFER_WANTED 2
#define OFFER_READ_ONLY 1

/*
 * It is there. Word 0: number; words 1..5: type, features, number of queues, largest size of a
 * queue, bytes of configuration, as in VIRTIO_INFO; word 6: a number for the thing itself, from all
 * that it says of itself: another thing at the same place, or under the same name, has another
 * one; from word 7 on: the configuration. Reply: capability 0: the signal by which clients tell of
 * requests: the bit of the device's number. Linux binds it to a vCPU; it is the same in each life.
 * If this is not what a client has started with, the client's session is over, and what is offered
 * is for the next one. NO_DEVICE: there is no such number. BAD_ARGUMENT: no device can be like
 * that.
 */
#define OFFER_DEVICE 3

/* It is there no more. Word 0: number. NO_DEVICE: it was not. */
#define OFFER_WITHDRAW 4

/*
 * Whose sessions there are. Reply: word N: for device N a number that is another one for each
 * start of a session; 0: nobody has started one.
 */
#define OFFER_LOOK 5

/*
 * Take a session. Word 0: number. Reply: words 0..3: the number that OFFER_LOOK tells, features,
 * size of the queues, pages; capability 0: the client's memory (READ, WRITE); capability 1: the
 * client's signal (WRITE), to be notified with bits ~0. NO_DEVICE: the device is not offered.
 * AGAIN: there is no session.
 */
#define OFFER_TAKE 6

#endif
