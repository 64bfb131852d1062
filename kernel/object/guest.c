// SPDX-License-Identifier: MIT
/* Guests: what a PD gets with its first guest call. */
#include "object/guest.h"

#include "base/call.h"
#include "object/account.h"
#include "object/pd.h"

struct guest *guest_of(struct pd *pd)
{
	struct account *account = pd->object.account;
	struct guest *guest = pd->guest;

	if (guest)
		return guest;
	guest = account_allocate(account, sizeof(*guest));
	if (!guest)
		return NULL;
	guest->pd = pd;
	if (arch_guest_create(guest) != PURLIN_OK) {
		account_free(account, guest);
		return NULL;
	}
	list_init(&guest->spaces);
	list_init(&guest->mapped);
	list_init(&guest->vcpus);
	pd->guest = guest;
	return guest;
}

status guest_slot(const struct call *call, struct capability **slot)
{
	if (!pd_is_guest(pd_of(call->object)))
		return call_refuse(1, PURLIN_BUSY);
	return call_slot(call, slot);
}
