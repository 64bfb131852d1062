// SPDX-License-Identifier: MIT
/* Objects, capabilities and accounts of the fake kernel. */
#include "fake_kernel.h"

struct fake_object *fake_self, *fake_objects;
uint64_t fake_owner;
unsigned int fake_failures;

bool fake_fails(void)
{
	return fake_failures && !--fake_failures;
}

struct fake_object *fake_new(unsigned int type)
{
	struct fake_object *object = calloc(1, sizeof(*object));

	object->type = type;
	object->references = 1;
	object->owner = fake_owner;
	object->next = fake_objects;
	fake_objects = object;
	return object;
}

void fake_take(struct fake_object *object)
{
	object->references++;
}

static void unbind(struct fake_object *object)
{
	struct fake_object *bound = object->bound;

	object->bound = NULL;
	if (bound)
		fake_drop(bound);
}

/* All that an account pays for goes with it. */
static void destroy_paid(struct fake_object *account)
{
	for (struct fake_object *other = fake_objects; other; other = other->next)
		if (other->account == account)
			fake_destroy(other);
}

static void empty_table(struct fake_object *pd)
{
	for (unsigned int i = 0; i < pd->slots; i++)
		if (pd->table[i].object)
			fake_cap_drop(&pd->table[i]);
}

void fake_destroy(struct fake_object *object)
{
	struct fake_object *account = object->account;

	if (object->dead)
		return;
	object->dead = true;
	fake_take(object);
	unbind(object);
	if (object->type == PURLIN_TYPE_ACCOUNT)
		destroy_paid(object);
	if (object->table)
		empty_table(object);
	object->account = NULL;
	if (account) {
		MUST(account->used >= object->charge);
		account->used -= object->charge;
		fake_drop(account);
	}
	fake_drop(object);
}

static void release(struct fake_object *object)
{
	struct fake_object **link = &fake_objects;

	while (*link != object)
		link = &(*link)->next;
	*link = object->next;
	free(object->table);
	free(object->data);
	free(object);
}

void fake_drop(struct fake_object *object)
{
	MUST(object->references);
	if (object->references == 1 && !object->dead) {
		fake_destroy(object);
	}
	if (!--object->references)
		release(object);
}

struct fake_cap fake_cap_of(struct fake_object *object, uint64_t rights, uint64_t badge)
{
	fake_take(object);
	return (struct fake_cap){ object, rights, badge };
}

void fake_cap_drop(struct fake_cap *cap)
{
	struct fake_object *object = cap->object;

	*cap = (struct fake_cap){ NULL, 0, 0 };
	if (object)
		fake_drop(object);
}

struct fake_cap *fake_slot(struct fake_object *pd, uint64_t slot)
{
	return slot && slot < pd->slots ? &pd->table[slot] : NULL;
}

void fake_give(uint64_t slot, struct fake_cap cap)
{
	struct fake_cap *place = fake_slot(fake_self, slot);

	MUST(place && !place->object);
	*place = cap;
}

purlin_s64 fake_look_up(uint64_t slot, unsigned int type, uint64_t rights,
			struct fake_object **object)
{
	const struct fake_cap *cap = fake_slot(fake_self, slot);

	if (!cap || !cap->object || cap->object->type != type)
		return PURLIN_BAD_CAPABILITY;
	if (cap->object->dead)
		return PURLIN_DEAD;
	if (rights & ~cap->rights)
		return PURLIN_NO_RIGHT;
	*object = cap->object;
	return PURLIN_OK;
}

purlin_s64 fake_create(uint64_t account_slot, uint64_t slot, unsigned int type, uint64_t pages,
		       struct fake_object **object)
{
	struct fake_cap *place = fake_slot(fake_self, slot);
	struct fake_object *account = NULL;
	purlin_s64 status = PURLIN_OK;

	if (account_slot)
		status = fake_look_up(account_slot, PURLIN_TYPE_ACCOUNT, PURLIN_RIGHT_CONTROL,
				      &account);
	if (status)
		return status;
	if (!place)
		return PURLIN_BAD_ARGUMENT;
	if (place->object)
		return PURLIN_SLOT_IN_USE;
	if (fake_fails() || (account && pages > account->limit - account->used))
		return PURLIN_NO_MEMORY;
	*object = fake_new(type);
	*place = (struct fake_cap){ *object, PURLIN_RIGHT_ALL, 0 };
	if (account) {
		account->used += pages;
		(*object)->charge = pages;
		(*object)->account = account;
		fake_take(account);
	}
	return PURLIN_OK;
}

purlin_s64 purlin_cap_copy(purlin_u64 pd, purlin_u64 pd_slot, purlin_u64 from_slot,
			   purlin_u64 rights_mask, purlin_u64 badge)
{
	const struct fake_cap *from = fake_slot(fake_self, from_slot);
	struct fake_object *target;
	struct fake_cap *to;
	purlin_s64 status = fake_look_up(pd, PURLIN_TYPE_PD, PURLIN_RIGHT_CONTROL, &target);

	if (status)
		return status;
	if (!from || !from->object)
		return PURLIN_BAD_CAPABILITY;
	to = fake_slot(target, pd_slot);
	if (!to || (badge && (from->badge || (from->object->type != PURLIN_TYPE_ENDPOINT &&
					      from->object->type != PURLIN_TYPE_SIGNAL))))
		return PURLIN_BAD_ARGUMENT;
	if (to->object)
		return PURLIN_SLOT_IN_USE;
	if (fake_fails())
		return PURLIN_NO_MEMORY;
	*to = fake_cap_of(from->object, from->rights & rights_mask, badge ? badge : from->badge);
	return PURLIN_OK;
}

purlin_s64 purlin_cap_delete(purlin_u64 pd, purlin_u64 slot)
{
	struct fake_object *target;
	struct fake_cap *cap;
	purlin_s64 status = fake_look_up(pd, PURLIN_TYPE_PD, PURLIN_RIGHT_CONTROL, &target);

	if (status)
		return status;
	cap = fake_slot(target, slot);
	if (!cap)
		return PURLIN_BAD_CAPABILITY;
	fake_cap_drop(cap);
	return PURLIN_OK;
}

purlin_s64 purlin_cap_info(purlin_u64 slot, purlin_u64 *type, purlin_u64 *rights, purlin_u64 *badge)
{
	const struct fake_cap *cap = fake_slot(fake_self, slot);

	if (!cap)
		return PURLIN_BAD_CAPABILITY;
	if (cap->object && cap->object->dead)
		return PURLIN_DEAD;
	*type = cap->object ? cap->object->type : PURLIN_TYPE_NONE;
	*rights = cap->rights;
	*badge = cap->badge;
	return PURLIN_OK;
}

purlin_s64 purlin_object_destroy(purlin_u64 slot)
{
	const struct fake_cap *cap = fake_slot(fake_self, slot);

	if (!cap || !cap->object)
		return PURLIN_BAD_CAPABILITY;
	if (!(cap->rights & PURLIN_RIGHT_DESTROY))
		return PURLIN_NO_RIGHT;
	fake_destroy(cap->object);
	return PURLIN_OK;
}

purlin_s64 purlin_account_create(purlin_u64 account, purlin_u64 slot, purlin_u64 pages)
{
	struct fake_object *object;
	purlin_s64 status = fake_create(account, slot, PURLIN_TYPE_ACCOUNT, pages, &object);

	if (!status)
		object->limit = pages;
	return status;
}

purlin_s64 purlin_account_info(purlin_u64 account, purlin_u64 *limit, purlin_u64 *used)
{
	struct fake_object *object;
	purlin_s64 status = fake_look_up(account, PURLIN_TYPE_ACCOUNT, 0, &object);

	if (status)
		return status;
	*limit = object->limit;
	*used = object->used;
	return PURLIN_OK;
}

purlin_s64 purlin_account_limit(purlin_u64 account, purlin_u64 pages)
{
	struct fake_object *object, *payer;
	purlin_s64 status =
		fake_look_up(account, PURLIN_TYPE_ACCOUNT, PURLIN_RIGHT_DESTROY, &object);

	if (status)
		return status;
	payer = object->account;
	if (!payer)
		return PURLIN_BAD_ARGUMENT;
	if (pages < object->used)
		return PURLIN_BUSY;
	if (fake_fails() ||
	    (pages > object->limit && pages - object->limit > payer->limit - payer->used))
		return PURLIN_NO_MEMORY;
	payer->used += pages - object->limit;
	object->limit = object->charge = pages;
	return PURLIN_OK;
}

void *fake_calloc(size_t count, size_t bytes)
{
	return fake_fails() ? NULL : calloc(count, bytes);
}

void fake_start(unsigned int slots, uint64_t pages)
{
	struct fake_object *account;

	fake_self = fake_new(PURLIN_TYPE_PD);
	fake_self->table = calloc(slots, sizeof(*fake_self->table));
	fake_self->slots = slots;
	account = fake_new(PURLIN_TYPE_ACCOUNT);
	account->limit = pages;
	fake_give(PURLIN_SLOT_PD, fake_cap_of(fake_self, PURLIN_RIGHT_ALL, 0));
	fake_give(PURLIN_SLOT_ACCOUNT, (struct fake_cap){ account, PURLIN_RIGHT_ALL, 0 });
	fake_give(PURLIN_SLOT_THREAD,
		  (struct fake_cap){ fake_new(PURLIN_TYPE_THREAD), PURLIN_RIGHT_ALL, 0 });
	fake_give(PURLIN_SLOT_LOG,
		  (struct fake_cap){ fake_new(PURLIN_TYPE_LOG), PURLIN_RIGHT_ALL, 0 });
}

struct fake_census fake_count(void)
{
	unsigned int fake_slots_used(void);
	struct fake_census census = { .slots = fake_slots_used() };

	for (unsigned int i = 0; i < fake_self->slots; i++)
		census.caps += fake_self->table[i].object != NULL;
	for (const struct fake_object *object = fake_objects; object; object = object->next) {
		census.objects++;
		census.pages += object->type == PURLIN_TYPE_ACCOUNT ? object->used : 0;
	}
	return census;
}
