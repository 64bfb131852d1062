// SPDX-License-Identifier: MIT
/* Page tables of guests as lists of spans, and vCPUs that only note what they are told. */
#include <stdlib.h>

#include "base/arch.h"
#include "base/call.h"
#include "base/string.h"
#include "debug/log.h"
#include "host.h"
#include "object/account.h"
#include "object/attachment.h"
#include "object/pd.h"
#include "object/vcpu.h"

#define SPANS_AT_ONCE 4

/* Tables of a lower half change with the space's lock. */
static void locked_check(const struct space *space)
{
	kernel_assert(!space || space->lock);
}

static struct host_half *half_of(struct guest *guest, struct space *space)
{
	return space ? &space->arch.half : &guest->arch.half;
}

static status half_create(struct host_half *half, struct account *account)
{
	half->spans = NULL;
	half->root = account_page(account);
	return physical_valid(half->root) ? PURLIN_OK : PURLIN_NO_MEMORY;
}

static void span_free(struct host_span *span, struct account *account)
{
	if (span->table)
		account_page_free(account, arch_kernel_to_physical(span->table));
	free(span);
}

static status half_destroy(struct host_half *half, struct account *account)
{
	while (half->spans) {
		struct host_span *span = half->spans;

		half->spans = span->next;
		span_free(span, account);
		if (arch_preemption_pending())
			return CALL_RESTART;
	}
	if (physical_valid(half->root))
		account_page_free(account, half->root);
	half->root = PHYSICAL_NONE;
	return PURLIN_OK;
}

status arch_guest_create(struct guest *guest)
{
	return half_create(&guest->arch.half, guest->pd->object.account);
}

status arch_guest_destroy(struct guest *guest)
{
	return half_destroy(&guest->arch.half, guest->pd->object.account);
}

status arch_space_create(struct space *space)
{
	return half_create(&space->arch.half, space->object.account);
}

status arch_space_destroy(struct space *space)
{
	return half_destroy(&space->arch.half, space->object.account);
}

static uint64_t page_of(uint64_t virtual_address)
{
	return virtual_address >> PAGE_SHIFT;
}

static struct host_span *span_find(struct host_half *half, uint64_t number, bool make)
{
	struct host_span **link = &half->spans, *made;

	while (*link && (*link)->number < number)
		link = &(*link)->next;
	if (*link && (*link)->number == number)
		return *link;
	if (!make)
		return NULL;
	made = calloc(1, sizeof(*made));
	kernel_assert(made);
	made->number = number;
	made->next = *link;
	*link = made;
	return made;
}

static bool table_make(struct host_span *span, struct account *account)
{
	struct physical page = account_page(account);

	if (!physical_valid(page))
		return false;
	span->table = arch_physical_to_kernel(page);
	for (uint64_t i = 0; span->large && i < ARCH_SPAN_PAGES; i++)
		span->table[i] = (span->large & ~ARCH_ENTRY_LARGE) + i * PAGE_SIZE;
	span->large = 0;
	return true;
}

/* What maps a span of a lower half goes. */
static void span_drop(struct host_span *span, struct space *space)
{
	const struct tlb_batch gone = { .count = 1, .everything = true };

	if (span->table) {
		space->guest->generation++;
		account_page_free(space->object.account, arch_kernel_to_physical(span->table));
	}
	span->table = NULL;
	span->large = 0;
	arch_guest_flush(space->guest, space, &gone);
}

uint64_t *arch_guest_entry(struct guest *guest, struct space *space, uint64_t virtual_address,
			   bool make)
{
	uint64_t page = page_of(virtual_address);
	struct host_span *span = span_find(half_of(guest, space), page / ARCH_SPAN_PAGES, make);

	if (span && space && span->large)
		span_drop(span, space);
	if (!span || (!span->table && (!make || !table_make(span, guest->pd->object.account))))
		return NULL;
	return &span->table[page % ARCH_SPAN_PAGES];
}

uint64_t *arch_guest_large_entry(struct guest *guest, struct space *space, uint64_t virtual_address)
{
	struct host_span *span =
		span_find(half_of(guest, space), page_of(virtual_address) / ARCH_SPAN_PAGES, true);

	if (span->table && space)
		span_drop(span, space);
	return span->table ? NULL : &span->large;
}

static void entry_change(uint64_t *entry, uint64_t page, enum range_work work,
			 struct tlb_batch *gone)
{
	uint64_t value = work == RANGE_UNMAP ? 0 : arch_entry_protected(*entry);

	if (!(*entry & ARCH_ENTRY_PRESENT) || *entry == value)
		return;
	*entry = value;
	tlb_batch_add(gone, page << PAGE_SHIFT);
}

void arch_guest_change(struct guest *guest, struct space *space, uint64_t virtual_address,
		       uint64_t *pages, enum range_work work, struct tlb_batch *gone)
{
	uint64_t first = page_of(virtual_address), end = first + *pages;
	struct host_span *span = half_of(guest, space)->spans;

	locked_check(space);
	for (; span; span = span->next) {
		uint64_t base = span->number * ARCH_SPAN_PAGES;

		if (!*pages || base + ARCH_SPAN_PAGES <= first || base >= end)
			continue;
		if (!span->table)
			entry_change(&span->large, base, work, gone);
		for (uint64_t i = 0; span->table && i < ARCH_SPAN_PAGES; i++) {
			if (base + i >= first && base + i < end)
				entry_change(&span->table[i], base + i, work, gone);
		}
		if (base + ARCH_SPAN_PAGES < end && arch_preemption_pending()) {
			*pages = base + ARCH_SPAN_PAGES - first;
			return;
		}
	}
}

void arch_guest_flush(struct guest *guest, struct space *space, const struct tlb_batch *gone)
{
	(void)guest;
	if (!gone->count)
		return;
	locked_check(space);
	host.flushes++;
	host.flushed_space = space;
	host.flushed = *gone;
}

bool arch_space_here(const struct arch_space *space)
{
	(void)space;
	return !host.elsewhere;
}

void arch_space_flush_here(const struct arch_space *space, const struct tlb_batch *gone)
{
	struct space *whole = container_of(space, struct space, arch);

	kernel_assert(!host.elsewhere);
	arch_guest_flush(whole->guest, whole, gone);
}

bool arch_space_drop(struct space *space, uint64_t *progress, bool *all)
{
	struct host_span **link = &space->arch.half.spans;
	unsigned int dropped = 0;

	locked_check(space);

	while (*link && dropped < SPANS_AT_ONCE) {
		struct host_span *span = *link;

		if (span->number < *progress) {
			link = &span->next;
			continue;
		}
		*progress = span->number + 1;
		*link = span->next;
		span_free(span, space->object.account);
		dropped++;
	}
	*all = !*link;
	host.flushes += dropped != 0;
	return !space->arch.half.spans;
}

status arch_guest_revoke(struct guest *guest, struct physical base, uint64_t pages,
			 uint64_t *progress)
{
	for (struct host_span *span = guest->arch.half.spans; span; span = span->next) {
		uint64_t *entry = span->table ? span->table : &span->large;
		uint64_t count = span->table ? ARCH_SPAN_PAGES : 1;
		uint64_t bytes = span->table ? PAGE_SIZE : LARGE_PAGE_SIZE;

		if (span->number < *progress)
			continue;
		for (uint64_t i = 0; i < count; i++) {
			uint64_t at = entry[i] & HOST_ADDRESS;

			if ((entry[i] & ARCH_ENTRY_PRESENT) && at + bytes > base.value &&
			    at < base.value + pages * PAGE_SIZE)
				entry[i] = 0;
		}
		*progress = span->number + 1;
		if (arch_preemption_pending())
			return CALL_RESTART;
	}
	return PURLIN_OK;
}

bool host_entry_allowed(const struct guest *guest, uint64_t entry, uint64_t bytes, bool dying)
{
	uint32_t rights = (uint32_t)(entry >> HOST_RIGHTS_SHIFT) & PURLIN_MAP_VALID;
	uint64_t address = entry & HOST_ADDRESS, own;

	if (!(entry & ARCH_ENTRY_PRESENT))
		return true;
	for (unsigned int i = 0; i < guest->attachments; i++) {
		const struct attachment *at = guest->attachment[i];

		if ((!dying && at->dying) || address < at->base.value ||
		    address + bytes > at->base.value + at->pages * PAGE_SIZE)
			continue;
		if (attachment_bits(at, rights, &own) && own == arch_entry_bits(rights))
			return true;
	}
	return false;
}

void checks_guest_entry(const struct guest *guest, uint64_t entry, uint64_t bytes)
{
	if (!host_entry_allowed(guest, entry, bytes, false))
		panic("an entry for a guest is of no attachment, or has more rights");
}

void arch_vcpu_init(struct vcpu *vcpu, const struct vcpu_start_arguments *arguments)
{
	arch_thread_init(&vcpu->thread, arguments->rip, arguments->rsp, arguments->arg0);
	vcpu->arch.second_argument = arguments->arg1;
}

void arch_vcpu_space(struct vcpu *vcpu)
{
	vcpu->arch.spaces++;
	vcpu->roots_changed = false;
}

bool arch_vcpu_space_quick(struct vcpu *vcpu, struct space *space)
{
	kernel_assert(vcpu->lock && space->lock);
	vcpu->space = space;
	vcpu->arch.spaces++;
	return true;
}

status arch_vcpu_debug(struct vcpu *vcpu, const struct vcpu_debug_arguments *arguments)
{
	vcpu->arch.watch_control = arguments->control;
	return PURLIN_OK;
}

void arch_vcpu_configured(struct vcpu *vcpu)
{
	vcpu->arch.configured++;
}
