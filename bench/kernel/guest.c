/* SPDX-License-Identifier: MIT */
/* Runs the guest of guest/ and prints its report. */
#include <string.h>

#include "guest/report.h"
#include "kernel_bench.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"

#define SLOTS 64

extern const char guest_image[], guest_image_end[];

static purlin_u64 pd, vcpu;

/* Its memory, at the same distance from GUEST_IMAGE_BASE in the kernel half. */
static char *memory_give(void)
{
	purlin_u64 memory, all = PURLIN_MAP_READ | PURLIN_MAP_WRITE | PURLIN_MAP_EXECUTE;
	void *mapped;

	bench_must(memory_new_mapped(GUEST_PAGES, PURLIN_MEMORY_CONTIGUOUS, &memory, &mapped),
		   "memory");
	memcpy((char *)mapped + GUEST_IMAGE_ADDRESS, guest_image,
	       (size_t)(guest_image_end - guest_image));
	bench_must(purlin_guest_attach(pd, 0, memory, 0, GUEST_PAGES, all), "guest_attach");
	bench_must(purlin_guest_map(pd, GUEST_IMAGE_BASE, 0, GUEST_PAGES, all), "guest_map");
	return mapped;
}

static void capability_give(purlin_u64 slot, purlin_u64 from)
{
	bench_must(purlin_cap_copy(pd, slot, from, PURLIN_RIGHT_ALL, 0), "cap_copy");
}

static void clock_give(void)
{
	purlin_u64 signal = slot_reserve();

	bench_must(purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal), "signal_create");
	bench_must(purlin_signal_bind_vcpu(signal, vcpu, GUEST_EVENT_WORD), "signal_bind_vcpu");
	bench_must(purlin_irq_bind(clock_irq, signal, 1), "irq_bind");
	capability_give(GUEST_SLOT_CLOCK, clock_ports);
}

static const struct report *guest_run(void)
{
	purlin_u64 ended = slot_reserve(), bits;
	char *ram;

	pd = slot_reserve();
	vcpu = slot_reserve();
	message_put_text(0, PURLIN_NAME_BYTES, "guest");
	bench_must(purlin_pd_create(PURLIN_SLOT_ACCOUNT, pd, SLOTS, PURLIN_PD_GUEST,
				    PURLIN_PROCESSORS_OWN),
		   "pd_create");
	bench_must(purlin_signal_create(PURLIN_SLOT_ACCOUNT, ended), "signal_create");
	bench_must(purlin_pd_watch(pd, ended, 1), "pd_watch");
	ram = memory_give();
	bench_must(purlin_vcpu_create(pd, vcpu, 0, BENCH_GUEST_PRIORITY), "vcpu_create");
	capability_give(PURLIN_SLOT_PD, pd);
	capability_give(PURLIN_SLOT_THREAD, vcpu);
	clock_give();
	bench_must(purlin_vcpu_start(vcpu, GUEST_IMAGE_BASE + GUEST_IMAGE_ADDRESS, 0, 0, 0),
		   "vcpu_start");
	bench_must(purlin_signal_wait(ended, &bits), "signal_wait");
	return (const struct report *)(ram + GUEST_REPORT_ADDRESS);
}

void bench_guest(void)
{
	const struct report *report = guest_run();
	purlin_u64 state, reason, address;

	bench_must(purlin_pd_status(pd, &state, &reason, &address), "pd_status");
	if (!report->done)
		component_panic("kernel-bench: the guest ended early: state %lu, %ld at %lx", state,
				(long)reason, address);
	bench_result("guest-system-call", report->call_ticks, report->calls);
	bench_result("guest-map-entry", report->map_ticks, report->entries);
	bench_result("guest-unmap-entry", report->unmap_ticks, report->entries);
	bench_result("guest-map-page", report->map_many_ticks, report->pages);
	bench_result("guest-unmap-page", report->unmap_many_ticks, report->pages);
	bench_result("guest-table-page", report->table_ticks, report->pages);
	bench_result("guest-interrupt", report->event_ticks, report->events);
}
