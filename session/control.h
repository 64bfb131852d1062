/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Control: look at other components, and act on them. Server: init. A component may open it if its
 * description names components in `control`; the session reaches those and no others, by numbers
 * that follow the order there, from 0 on. It needs no route.
 *
 * No request waits for a component or a server. An act is begun by CONTROL_ACT and done by init
 * while the client goes on; CONTROL_WATCH tells when to look again.
 */
#ifndef SESSION_CONTROL_H
#define SESSION_CONTROL_H

#include "session.h"

/* Word 0: number. Reply: words 0..16 as below. NO_DEVICE: there are no more. */
#define CONTROL_COMPONENT 1
#define CONTROL_COMPONENT_WORDS 17
#define CONTROL_NAME 0 /* 2 words */
#define CONTROL_NAME_BYTES 16
#define CONTROL_STATE 2
#define CONTROL_STATE_STARTING 1 /* for the first time or again */
#define CONTROL_STATE_RUNNING 2
#define CONTROL_STATE_ENDED 3 /* until a Control session starts it, or its device comes */
#define CONTROL_FLAGS 3
#define CONTROL_FLAG_ACTING 0x1 /* an act has been begun and is not done */
#define CONTROL_FLAG_LINUX 0x2
#define CONTROL_LIVES 4	   /* how often it was started */
#define CONTROL_RESTARTS 5 /* that count, of those its description allows */
#define CONTROL_UPTIME 6   /* milliseconds since its last start; 0: it has ended */
/* Bytes. The memory is what the kernel spends on it, too; without RAM sessions the last two are 0.
 */
#define CONTROL_MEMORY 7
#define CONTROL_MEMORY_USED 8
#define CONTROL_RAM_QUOTA 9
#define CONTROL_RAM_USED 10
#define CONTROL_SESSIONS 11 /* that it has open */
#define CONTROL_DEVICES 12  /* of these, sessions that give it devices: Block, PCI, ... */
/* Bytes of RAM that a Linux is to have now, at least, and at most, and the step between; 0: it
 * always has the same. What it has beyond the least is its RAM quota. */
#define CONTROL_LINUX_RAM 13
#define CONTROL_LINUX_RAM_LEAST 14
#define CONTROL_LINUX_RAM_MOST 15
#define CONTROL_LINUX_RAM_STEP 16

/*
 * Word 0: number, word 1: one of the acts below. The reply says that it is begun. NO_DEVICE: no
 * such number. BAD_ARGUMENT: no such act. BUSY: an earlier act has not been taken up yet, or one
 * that has not ended is to be started. DEAD: one that has ended is to be stopped or killed. AGAIN:
 * too many acts. A session may begin CONTROL_ACTS at once, and one more each half second.
 */
#define CONTROL_ACT 2
#define CONTROL_ACTS 16
#define CONTROL_START 1 /* one that has ended */
#define CONTROL_STOP 2	/* it is ended and stays away, whatever its description says */
#define CONTROL_KILL 3	/* it is ended as by a fault: `on-fault` and `restarts` say what follows */
#define CONTROL_RESTART 4 /* it is ended, if it has not, and started */

/*
 * Be told of changes. Capability 0: a signal with WRITE, notified when something may have changed
 * in state, flags or lives of any component; it takes the place of an earlier one. BAD_CAPABILITY:
 * no signal came. NO_RIGHT: a signal without WRITE.
 */
#define CONTROL_WATCH 3

/*
 * Which client has a session with which server: those that a component of this session is the
 * client or the server of, and those of the component that has opened it. Word 0: a place, 0 for
 * the first. Reply: words 0..9 as below, of the first session from that place on. NO_DEVICE: there
 * are no more. A session that is opened or closed meanwhile may be missing; others are not.
 */
#define CONTROL_SESSION 4
#define CONTROL_SESSION_WORDS 10
#define CONTROL_SESSION_NEXT 0 /* place of the next request */
#define CONTROL_SESSION_FLAGS 1
#define CONTROL_SESSION_OVER 0x1 /* the server has ended since; the client has not let it go */
#define CONTROL_SESSION_CORE 0x2 /* the server is core, not a component of this name */
/* Names of 2 words. Empty: a component that is not within reach, and its label. */
#define CONTROL_SESSION_CLIENT 2
#define CONTROL_SESSION_SERVER 4
#define CONTROL_SESSION_SERVICE 6
#define CONTROL_SESSION_LABEL 8
/* For programs of a Linux: this request at /dev/purlin-control. */
#define CONTROL_IOCTL_SESSION _IOWR('p', 0xc4, unsigned long long[CONTROL_SESSION_WORDS])

/* Likewise a request of session/devices.h, if the Linux has a route for Devices: words 0..2 are the
 * operation and its words, before the reply is there. */
#define CONTROL_DEVICES_WORDS 32
#define CONTROL_IOCTL_DEVICES _IOWR('p', 0xc5, unsigned long long[CONTROL_DEVICES_WORDS])

/*
 * Add components that the system description does not name, if it grants that (`adds`, else
 * NO_RIGHT). A fragment is a compiled device tree whose node `components` has nodes as in the
 * system description, except that they refer to others by name: strings in place of references.
 * Programs come from the boot bundle, as those of all components. What is added
 *
 * - has its memory (memory, overhead, ram-quota, what it lends) out of `adds`, as long as it has
 *   not ended;
 * - is no more urgent than who adds it, on processors that this one may use;
 * - has routes that this one has itself, with the same servers, and routes to what it has added;
 * - has the kernel's log if this one has it, and neither devices, Control, nor kept memory;
 * - does not decide about the machine: `stop` and `restart` are its actions, and it restarts 16
 *   times at most;
 * - is within reach of this session from then on, and stays so when it has ended.
 *
 * A name that is in use is refused, and so is a fragment with any mistake, as a whole.
 *
 * First the fragment. Word 0: bytes that have been sent before, 0 begins anew; words 1..: what
 * follows, in whole words. BAD_ARGUMENT: another number of bytes has been sent, or there are too
 * many.
 */
#define CONTROL_FRAGMENT 5
#define CONTROL_FRAGMENT_BYTES 16384
/*
 * Then its end. Word 0: bytes of the fragment, no more than were sent. Reply: word 0: number of the
 * first new component, word 1: how many there are. BAD_ARGUMENT: it is refused, CONTROL_REASON says
 * why. NO_MEMORY: init has none. The fragment that was sent is forgotten.
 */
#define CONTROL_ADD 6
#define CONTROL_ADD_WORDS 2
/*
 * Why: lines of text, as they would be in the log at boot. Word 0: which CONTROL_REASON_WORDS words
 * of it, from 0 on. Reply: these; zeros follow the text. NO_DEVICE: there is no more.
 */
#define CONTROL_REASON 7
#define CONTROL_REASON_WORDS 32
#define CONTROL_REASON_BYTES 2048 /* at most */
/*
 * For programs of a Linux: all of this at once. Words: address and bytes of the fragment, address
 * and bytes of room for the reasons, in which a zero ends them. Afterwards words 0 and 1 are those
 * of CONTROL_ADD. Refused: EINVAL.
 */
#define CONTROL_IOCTL_ADD _IOWR('p', 0xc6, unsigned long long[4])

/*
 * How much RAM a Linux is to have. Word 0: number, word 1: bytes. It stays so until it is changed,
 * in later lives of the Linux, too. The Linux takes what is free when it hears of it, and the rest
 * as others give RAM back; what it cannot give back at once, it gives back as it can. NO_DEVICE: no
 * such number. BAD_ARGUMENT: the component always has the same, or bytes that are not a whole
 * number of steps beyond the least, up to the most. AGAIN: too many acts.
 */
#define CONTROL_SET_RAM 8
/* For programs of a Linux: this request at /dev/purlin-control. */
#define CONTROL_IOCTL_SET_RAM _IOW('p', 0xc7, unsigned long long[2])

#endif
