// SPDX-License-Identifier: MIT
/* A small system for unit tests of the kernel. */
#include "kernel_support.h"

#include "allocations.h"

#include "base/pages.h"
#include "checks_on/objects.h"
#include "debug/log.h"
#include "object/io_port.h"

struct account root;
struct thread *core;
bool leaks_allowed, pages_taken, objects_bent;

static struct object irq_root, physical_root, log_root;
static struct io_port all_ports;
static unsigned int restart_count;
static uint64_t pages_at_start;

static void grant(uint64_t slot, struct object *object)
{
	struct capability *capability;

	assert_int_equal(capability_vacancy(&core->pd->capabilities, core->pd->object.account, slot,
					    &capability),
			 PURLIN_OK);
	capability_fill(capability, object, PURLIN_RIGHT_ALL, 0);
}

static void roots_create(void)
{
	memset(&root, 0, sizeof(root));
	memset(&irq_root, 0, sizeof(irq_root));
	memset(&physical_root, 0, sizeof(physical_root));
	memset(&log_root, 0, sizeof(log_root));
	memset(&all_ports, 0, sizeof(all_ports));
	all_ports.count = 65536;
	account_init_root(&root, pages_available());
	object_init(&irq_root, PURLIN_TYPE_IRQ_ROOT, NULL);
	object_init(&physical_root, PURLIN_TYPE_PHYSICAL_ROOT, NULL);
	object_init(&log_root, PURLIN_TYPE_LOG, NULL);
	object_init(&all_ports.object, PURLIN_TYPE_IO_PORT, NULL);
}

void system_check(void)
{
	struct object *const roots[] = { &irq_root, &physical_root, &log_root, &all_ports.object };

	if (objects_bent)
		return;
	objects_check(&root.object, roots, sizeof(roots) / sizeof(roots[0]));
}

int system_setup(void **state)
{
	struct pd *pd;

	(void)state;
	/* Slices of the test before. */
	for (unsigned int cpu = 0; cpu < HOST_CPUS; cpu++)
		timeout_cancel(&processors[cpu].slice);
	host_reset();
	scheduler_init();
	pages_at_start = pages_available();
	leaks_allowed = pages_taken = objects_bent = false;
	log_watcher.signal = NULL;
	roots_create();
	assert_int_equal(pd_create(&root, 1024, PURLIN_PD_PINS, (1u << HOST_CPUS) - 1, &pd),
			 PURLIN_OK);
	memcpy(pd->name, "core", sizeof("core"));
	assert_int_equal(thread_create(pd, 0, TEST_PRIORITY, TEST_MESSAGE, &core), PURLIN_OK);
	grant(PURLIN_SLOT_PD, &pd->object);
	grant(PURLIN_SLOT_ACCOUNT, &root.object);
	grant(PURLIN_SLOT_THREAD, &core->object);
	grant(PURLIN_SLOT_LOG, &log_root);
	grant(PURLIN_SLOT_IRQ_ROOT, &irq_root);
	grant(PURLIN_SLOT_PHYSICAL_ROOT, &physical_root);
	grant(PURLIN_SLOT_IO_PORTS, &all_ports.object);
	scheduler_ready(core);
	run(core);
	return 0;
}

void system_destroy(void)
{
	host.preempt_every = 0;
	system_check();
	while (!list_empty(&root.objects)) {
		struct object *object = list_first(&root.objects, struct object, siblings);

		while (object_kill(object) == CALL_RESTART)
			;
		if (object->references == 0)
			object_free(object);
	}
	if (leaks_allowed)
		return;
	assert_true(list_empty(&root.remains));
	assert_int_equal(root.used, 0);
	assert_int_equal(host_allocations(), 0);
	assert_true(pages_taken || pages_available() == pages_at_start);
}

int system_teardown(void **state)
{
	(void)state;
	system_destroy();
	return 0;
}

/* A call whose table says that it needs no memory asks for none. */
static void asked_for_memory(uint64_t number, unsigned int times)
{
	if (times && number < PURLIN_CALLS && examples[number].kind == NEVER)
		fail_msg("%s asks for memory", names[number]);
}

status call(struct thread *caller, uint64_t number, ...)
{
	va_list words;
	unsigned int asked;

	caller->arch.number = number;
	va_start(words, number);
	for (unsigned int i = 0; i < 6; i++)
		caller->arch.argument[i] = va_arg(words, uint64_t);
	va_end(words);
	restart_count = 0;
	do {
		caller->arch.answered = caller->arch.restarted = false;
		asked = host.asked;
		call_dispatch(caller);
		asked_for_memory(number, host.asked - asked);
		system_check();
		restart_count += caller->arch.restarted;
	} while (caller->arch.restarted);
	return answer(caller);
}

void arguments_set(struct thread *thread, uint64_t number, const uint64_t *arguments)
{
	thread->arch.number = number;
	memcpy(thread->arch.argument, arguments, sizeof(thread->arch.argument));
}

bool round_done(struct thread *thread)
{
	thread->arch.answered = thread->arch.restarted = false;
	call_dispatch(thread);
	system_check();
	return thread->arch.restarted;
}

status answer(struct thread *thread)
{
	return thread->arch.answered ? thread->arch.result : WAITS;
}

unsigned int restarts(void)
{
	return restart_count;
}

uint64_t result(const struct thread *thread, unsigned int index)
{
	return thread->arch.results[index];
}

struct object *object_at(struct thread *thread, uint64_t slot)
{
	struct capability *capability = capability_find(&thread->pd->capabilities, slot);

	return capability ? capability->object : NULL;
}

struct memory *memory_at(uint64_t slot)
{
	return memory_of(object_at(core, slot));
}

bool page_mapped(struct pd *pd, uint64_t address)
{
	struct physical physical;
	uint32_t rights;

	return host_translate(&pd->tables, address, &physical, &rights);
}

void check_mapping(struct pd *pd, uint64_t address, const struct memory *memory, uint64_t offset,
		   uint64_t pages, uint32_t expected)
{
	for (uint64_t i = 0; i < pages; i++) {
		struct physical physical;
		uint32_t rights;

		assert_true(
			host_translate(&pd->tables, address + i * PAGE_SIZE, &physical, &rights));
		assert_int_equal(physical.value, memory_physical(memory, offset + i).value);
		assert_int_equal(rights, expected);
	}
}

struct thread *thread_new(uint64_t pd_slot, uint64_t slot, uint64_t message, unsigned int priority)
{
	struct thread *thread;

	assert_int_equal(do_call(core, THREAD_CREATE, pd_slot, slot, 0, priority, message),
			 PURLIN_OK);
	assert_int_equal(do_call(core, THREAD_START, slot, 0x400000, 0x500000, 7), PURLIN_OK);
	thread = thread_of(object_at(core, slot));
	return thread;
}

struct thread *pd_new(uint64_t account_slot, uint64_t slot, const char *name, unsigned int priority)
{
	struct thread *thread;

	memset(core->message->word, 0, PURLIN_NAME_BYTES);
	memcpy(core->message->word, name, strlen(name));
	assert_int_equal(do_call(core, PD_CREATE, account_slot, slot, 256, 0,
				 PURLIN_PROCESSORS_OWN),
			 PURLIN_OK);
	thread = thread_new(slot, slot + 1, TEST_MESSAGE, priority);
	give(slot, PURLIN_SLOT_PD, slot, PURLIN_RIGHT_ALL, 0);
	give(slot, PURLIN_SLOT_ACCOUNT, account_slot, PURLIN_RIGHT_ALL, 0);
	give(slot, PURLIN_SLOT_THREAD, slot + 1, PURLIN_RIGHT_ALL, 0);
	return thread;
}

void give(uint64_t pd_slot, uint64_t to, uint64_t from, uint32_t rights, uint64_t badge)
{
	assert_int_equal(do_call(core, CAP_COPY, pd_slot, to, from, rights, badge), PURLIN_OK);
}

void run(struct thread *thread)
{
	unsigned int cpu = host.cpu;

	host.cpu = thread->cpu;
	host.current = scheduler_pick(thread->processor);
	assert_ptr_equal(host.current, thread);
	host.cpu = cpu;
}
