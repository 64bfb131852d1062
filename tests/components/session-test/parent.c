/* SPDX-License-Identifier: MIT */
/* Requests to the parent. */
#include "purlin/calls.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/parent.h"
#include "tests.h"

#define TRIES 64

void test_parent(void)
{
	purlin_u64 session, endpoint = slot_reserve();

	check_status("parent: no route", session_open("PCI", "", &session), PURLIN_NO_RIGHT);
	check_status("parent: Control that the description does not grant",
		     session_open("Control", "", &session), PURLIN_NO_RIGHT);
	check_status("parent: no such service", session_open("Nonsense", "", &session),
		     PURLIN_NO_RIGHT);
	check_status("parent: label too long",
		     session_open("ROM", "a label of more than 15 characters", &session),
		     PURLIN_BAD_ARGUMENT);
	check_status("parent: label that would end a log line",
		     session_open("ROM", "a\n[init] b", &session), PURLIN_BAD_ARGUMENT);
	check_status("parent: service that would end a log line",
		     session_open("a\n[init] b", "", &session), PURLIN_BAD_ARGUMENT);
	check_status("parent: unknown operation", rpc(PURLIN_SLOT_PARENT, 99, 0), PURLIN_BAD_CALL);
	check_status("parent: no RAM that comes and goes", rpc(PURLIN_SLOT_PARENT, PARENT_RAM, 0),
		     PURLIN_NO_DEVICE);
	purlin_endpoint_create(PURLIN_SLOT_ACCOUNT, endpoint);
	check_status("parent: announce what is not provided",
		     session_announce("Terminal", endpoint), PURLIN_NO_RIGHT);
	check_status("parent: announce a name that would end a log line",
		     session_announce("a\n[init] b", endpoint), PURLIN_BAD_ARGUMENT);
	check_status("parent: announce without capability",
		     rpc(PURLIN_SLOT_PARENT, PARENT_ANNOUNCE, 2), PURLIN_BAD_CAPABILITY);
	check_status("parent: announce what is no endpoint",
		     rpc_send(PURLIN_SLOT_PARENT, PARENT_ANNOUNCE, 2, PURLIN_SLOT_ACCOUNT),
		     PURLIN_BAD_CAPABILITY);
}

/* Core's and init's memory is not the component's to spend. The last test: nothing can be opened
 * after it. */
void test_most_sessions(void)
{
	purlin_u64 session;
	purlin_s64 status = PURLIN_OK;
	unsigned int count = 0;

	for (; !status && count < TRIES; count++)
		status = session_open("ROM", "", &session);
	check_status("parent: too many sessions", status, PURLIN_NO_MEMORY);
	check_true("parent: but some", count > 4);
}
