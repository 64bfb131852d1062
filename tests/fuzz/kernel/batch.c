// SPDX-License-Identifier: MIT
/*
 * A guest on two processors and its monitor on a third: batches and page tables that change while
 * they are read, memory attached and taken away, spaces that come and go. The kernel's own code
 * writes x86-64 page tables; a model of TLBs (model_x86.h) remembers what programs touched.
 */
#include "model_x86.h"
#include "system.h"

#include "arch/vcpu.h"
#include "object/processor.h"
#include "object/account.h"
#include "object/attachment.h"
#include "object/memory.h"
#include "object/pd.h"
#include "object/space.h"
#include "purlin/boot.h"
#include "purlin/call_numbers.h"

#define VCPUS 2 /* on processors 1 and 2; core is on 0 */
#define CPUS (1 + VCPUS)
#define STEPS_MOST 120
#define ROUNDS_MOST 5000
#define CHECKED_MOST 4096 /* pages */
#define RIP_OF_CALL 0x1000ull

/* Slots of core: the guest's account and PD, memory objects; of the guest: itself, its spaces. */
#define SLOT_ACCOUNT 16
#define SLOT_GUEST 17
#define SLOT_MEMORY 18 /* four */
#define SLOT_VCPU 24   /* two */
#define SLOT_SPACE 16  /* of the guest's table, up to eight */
#define SPACES 4

/* Guest-physical memory as it is at the start: plain, readable only, large, a device. */
static struct part {
	uint64_t address, pages;
	uint32_t rights, held;
} parts[] = {
	{ 0x000000, 32, PURLIN_MAP_READ | PURLIN_MAP_WRITE | PURLIN_MAP_EXECUTE, PURLIN_RIGHT_ALL },
	{ 0x100000, 8, PURLIN_MAP_READ, PURLIN_RIGHT_READ },
	{ 0x200000, 520, PURLIN_MAP_READ | PURLIN_MAP_WRITE, PURLIN_RIGHT_ALL },
	{ 0x800000, 4, PURLIN_MAP_READ | PURLIN_MAP_WRITE, PURLIN_RIGHT_ALL },
};
#define PARTS (sizeof(parts) / sizeof(parts[0]))
#define FREE_ADDRESS 0x1000000 /* nothing is there at the start */
#define LARGE_PART 2
#define STATE_PAGES 2
#define TABLE_PAGE 8 /* of the plain part: the guest's own page tables, four pages */

static const uint64_t lower[] = { 0x400000, 0x5ff000, 0x40000000, PURLIN_GUEST_USER_END - 0x4000 };
static const uint64_t upper[] = { PURLIN_GUEST_KERNEL_BASE, PURLIN_GUEST_KERNEL_BASE + 0x1fe000,
				  0xffffffff80000000, 0xffffffffffffc000 };

/* A call that a processor is in the middle of. */
static struct {
	bool restarted;
	unsigned int rounds;
	uint64_t number, argument[6];
} under_way[CPUS];
/* Something else happened, or was changed, since the batch of this processor began. */
static bool disturbed[CPUS];

static struct pd *guest_pd(void)
{
	struct object *object = core ? object_at(core, SLOT_GUEST) : NULL;

	return object && object->type == PURLIN_TYPE_PD && !object->gone ? pd_of(object) : NULL;
}

static struct vcpu *vcpu_on(unsigned int cpu)
{
	struct thread *thread = cpus[cpu].current;

	return thread && thread->object.type == PURLIN_TYPE_VCPU ? thread_vcpu(thread) : NULL;
}

static void guest_memory_is_users(void)
{
	const struct pd *pd = guest_pd();

	for (unsigned int i = 0; pd && pd->guest && i < pd->guest->attachments; i++) {
		const struct attachment *at = pd->guest->attachment[i];

		if (!at->memory->physical)
			user_memory(arch_physical_to_kernel(at->base), at->pages * PAGE_SIZE);
	}
}

static void leave(unsigned int cpu)
{
	host.cpu = cpu;
	host.current = cpus[cpu].current;
	model_run(cpu, scheduler_pick(&processors[cpu]));
}

static uint64_t virtual_address(void)
{
	uint8_t byte = input_byte(&input);
	uint64_t base = byte & 4 ? upper[byte & 3] : lower[byte & 3];

	return byte < 0xf8 ? base + (byte >> 3 & 7) * PAGE_SIZE :
			     input_number(&input) & ~(PAGE_SIZE - 1);
}

static uint64_t guest_address(void)
{
	uint8_t byte = input_byte(&input);
	const struct part *part = &parts[byte % PARTS];

	return byte < 0xf8 ? part->address + (byte >> 2) % part->pages * PAGE_SIZE :
			     input_number(&input) & PTE_ADDRESS;
}

static uint64_t entry_of_guest(void)
{
	uint8_t flags = input_byte(&input);
	uint64_t entry = guest_address();

	if (flags & 0x80)
		return 0;
	entry |= PURLIN_ENTRY_PRESENT | PURLIN_ENTRY_ACCESSED;
	/* Writable needs both. What may not be written would end the guest: less often. */
	if ((flags & 3) == 3)
		entry |= PURLIN_ENTRY_WRITE | PURLIN_ENTRY_DIRTY;
	if (!(flags & 4) || (flags & 0x20))
		entry |= PURLIN_ENTRY_NO_EXECUTE;
	/* Says nothing but in an entry of the level above, where no other part has all of it. */
	if (flags & 0x40)
		entry = (entry & ~PTE_ADDRESS) | parts[LARGE_PART].address | PURLIN_ENTRY_LARGE;
	return flags == 0x7f ? input_number(&input) : entry;
}

static uint64_t *plain_page(unsigned int page)
{
	const struct pd *pd = guest_pd();
	const struct attachment *at =
		pd && pd->guest ? guest_find(pd->guest, page * PAGE_SIZE, 1) : NULL;

	if (!at || at->memory->physical)
		return NULL;
	return arch_physical_to_kernel(
		(struct physical){ at->base.value + page * PAGE_SIZE - at->address });
}

static void table_write(void)
{
	uint64_t *table = plain_page(TABLE_PAGE + input_choice(&input, 4));
	unsigned int first = input_choice(&input, 16), count = 1 + input_choice(&input, 8);

	for (unsigned int i = 0; table && i < count; i++)
		table[first + i] = entry_of_guest();
}

/* Most often an entry for it is there. */
static struct purlin_batch_entry large_entry(uint8_t kind, uint64_t where)
{
	unsigned int index = input_choice(&input, 16);
	uint64_t *table = plain_page(TABLE_PAGE);

	if (table && (kind & 0x18) != 0x18)
		table[index] = parts[LARGE_PART].address | PURLIN_ENTRY_PRESENT |
			       PURLIN_ENTRY_ACCESSED | PURLIN_ENTRY_LARGE |
			       (kind & 0x08 ? PURLIN_ENTRY_WRITE | PURLIN_ENTRY_DIRTY : 0) |
			       PURLIN_ENTRY_NO_EXECUTE;
	return (struct purlin_batch_entry){ where | PURLIN_BATCH_LARGE,
					    TABLE_PAGE * PAGE_SIZE + index * 8 };
}

static struct purlin_batch_entry batch_entry(void)
{
	uint8_t kind = input_byte(&input);
	uint64_t where = virtual_address();
	uint64_t pages = (kind >> 3) % 8;

	switch (kind % 8) {
	case 0:
		return (struct purlin_batch_entry){
			PURLIN_BATCH_SPACE, (kind >> 3) % 5 ? SLOT_SPACE + (kind >> 3) % SPACES : 0
		};
	case 1:
	case 2:
		return (struct purlin_batch_entry){
			where | pages << 4 | PURLIN_BATCH_MAP,
			guest_address() |
				(kind & 0x40 ? PURLIN_MAP_READ | PURLIN_MAP_WRITE : PURLIN_MAP_READ)
		};
	case 3:
		return (struct purlin_batch_entry){ where | PURLIN_BATCH_UNMAP,
						    kind & 0x80 ? 300 + pages * 256 : pages + 1 };
	case 4:
		return (struct purlin_batch_entry){ where | PURLIN_BATCH_WRITE_PROTECT, pages + 1 };
	case 5:
	case 6:
		return (struct purlin_batch_entry){ where | pages << 4 | PURLIN_BATCH_TABLE,
						    (TABLE_PAGE + (kind >> 6)) * PAGE_SIZE +
							    input_choice(&input, 16) * 8 };
	default:
		if (kind >= 0x80 && kind < 0xf0)
			return large_entry(kind, where & ~(LARGE_PAGE_SIZE - 1));
		if (kind < 0xf0)
			return (struct purlin_batch_entry){ where | 0xff0 | PURLIN_BATCH_TABLE,
							    TABLE_PAGE * PAGE_SIZE };
		return (struct purlin_batch_entry){ input_number(&input), input_number(&input) };
	}
}

static void batch_write(struct vcpu *vcpu)
{
	unsigned int count = 1 + input_choice(&input, 6);

	for (unsigned int i = 0; i < count; i++)
		vcpu->state->batch[i] = batch_entry();
	vcpu->state->batch_count = count;
	vcpu->state->frame.rip = 0x400000;
}

/* The last entry of a batch that was applied undisturbed: its work is done and not undone. */
static void entry_check(const struct space *space, struct purlin_batch_entry entry)
{
	uint64_t where = entry.word0 & ~(PAGE_SIZE - 1);
	struct pd *pd = guest_pd();
	unsigned int level;

	if ((where < PURLIN_GUEST_USER_END && !space) || !pd)
		return;
	for (uint64_t i = 0; i < entry.word1 && i < CHECKED_MOST; i++) {
		struct physical root = where < PURLIN_GUEST_USER_END ? space->arch.user_root :
								       pd->guest->arch.root;
		uint64_t found = model_entry(root, where + i * PAGE_SIZE, &level);

		if ((entry.word0 & 0xf) == PURLIN_BATCH_UNMAP)
			MUST(!found);
		if ((entry.word0 & 0xf) == PURLIN_BATCH_WRITE_PROTECT)
			MUST(!(found & PTE_WRITE));
	}
}

static bool takes_away(struct purlin_batch_entry entry)
{
	uint64_t operation = entry.word0 & 0xf;

	return operation == PURLIN_BATCH_UNMAP || operation == PURLIN_BATCH_WRITE_PROTECT;
}

static void registers_set(struct thread *thread, unsigned int cpu)
{
	struct frame *frame = &thread->arch.frame;
	const uint64_t *argument = under_way[cpu].argument;

	frame->rip = RIP_OF_CALL;
	frame->rax = under_way[cpu].number;
	frame->rdi = argument[0];
	frame->rsi = argument[1];
	frame->rdx = argument[2];
	frame->r10 = argument[3];
	frame->r8 = argument[4];
	frame->r9 = argument[5];
}

static bool resumes(uint64_t number)
{
	return number == PURLIN_CALL_VCPU_RESUME_SYSCALL ||
	       number == PURLIN_CALL_VCPU_RESUME_USER || number == PURLIN_CALL_VCPU_RESUME_KERNEL;
}

/* One entry with the call under way; afterwards it is done, refused or to be restarted. */
static void enter(unsigned int cpu)
{
	struct thread *thread = cpus[cpu].current;
	struct vcpu *vcpu = vcpu_on(cpu);
	struct frame *frame = &thread->arch.frame;
	uint64_t number = under_way[cpu].number;
	bool ready = thread->state == THREAD_READY;
	bool refused = ready && call_must_fail(thread, number, under_way[cpu].argument);

	registers_set(thread, cpu);
	guest_memory_is_users();
	meanwhile_begin();
	/* As entry.S does for a resume. What is done then is no longer there for the long way. */
	if (vcpu && vcpu->state && ready && resumes(number))
		batch_quick(vcpu);
	if (vcpu && vcpu->state && ready && number == PURLIN_CALL_VCPU_SWITCH &&
	    cpus[cpu].kernel_state && vcpu_switch_quick(vcpu, under_way[cpu].argument[0]))
		frame->rax = PURLIN_OK;
	else if (!vcpu || !vcpu_call(vcpu))
		call_dispatch(thread);
	meanwhile_end();
	for (unsigned int other = 0; other < CPUS; other++)
		disturbed[other] |= other != cpu || meanwhile_changed;
	under_way[cpu].restarted = thread->state == THREAD_READY && ready &&
				   frame->rip == RIP_OF_CALL - 2 && frame->rax == number;
	if (refused)
		MUST(!under_way[cpu].restarted && (int64_t)frame->rax < 0);
	if (under_way[cpu].restarted)
		MUST(++under_way[cpu].rounds < ROUNDS_MOST);
}

/* In a storm of interrupts the call still comes to its end. */
static void enter_until_done(unsigned int cpu)
{
	enter(cpu);
	while (meanwhile_storm && under_way[cpu].restarted)
		enter(cpu);
	meanwhile_storm = false;
}

static void call(unsigned int cpu, uint64_t number, const uint64_t *argument)
{
	under_way[cpu].number = number;
	memcpy(under_way[cpu].argument, argument, sizeof(under_way[cpu].argument));
	under_way[cpu].rounds = 0;
	disturbed[cpu] = false;
	enter_until_done(cpu);
}

static void apply(unsigned int cpu, uint64_t number, uint64_t argument)
{
	call(cpu, number, (uint64_t[6]){ argument });
}

/* After the batch of a vCPU is through: was the last entry's work done? */
static void batch_check(unsigned int cpu, const struct vcpu *vcpu, const struct space *space,
			struct purlin_batch_entry last)
{
	if (under_way[cpu].restarted || disturbed[cpu] || vcpu->thread.state != THREAD_READY ||
	    !vcpu->state || vcpu->state->batch_count)
		return;
	if (takes_away(last))
		entry_check(space, last);
}

static void batch_hand_over(unsigned int cpu, struct vcpu *vcpu)
{
	static const uint64_t numbers[] = { PURLIN_CALL_VCPU_APPLY, PURLIN_CALL_VCPU_APPLY,
					    PURLIN_CALL_VCPU_SWITCH,
					    PURLIN_CALL_VCPU_RESUME_KERNEL };
	const struct space *space = vcpu->space;
	struct purlin_batch_entry last;
	unsigned int count;
	bool other_space = false;
	uint8_t byte = input_byte(&input);

	batch_write(vcpu);
	/* The short way is for single ones. */
	if ((byte & 0x43) == 0x43)
		vcpu->state->batch_count = 1;
	count = vcpu->state->batch_count;
	last = vcpu->state->batch[count - 1];
	for (unsigned int i = 0; i < count; i++)
		other_space |= (vcpu->state->batch[i].word0 & 0xf) == PURLIN_BATCH_SPACE;
	apply(cpu, numbers[byte % 4], byte >> 2 & 7 ? SLOT_SPACE + (byte >> 2) % SPACES : 0);
	while (under_way[cpu].restarted && (byte & 0x80))
		enter(cpu);
	if (!other_space)
		batch_check(cpu, vcpu, space, last);
}

/* As entry.S switches between the guest's kernel and user mode, without the kernel proper. */
static void direct_switch(unsigned int cpu)
{
	struct cpu *here = &cpus[cpu];
	void *state = here->user_state ? here->user_state : here->kernel_state;
	bool to_user = !here->user_state;

	if (!state)
		return;
	here->user_state = to_user ? state : NULL;
	here->kernel_state = to_user ? NULL : state;
	cr3_write(to_user ? here->user_cr3 : here->kernel_cr3);
}

static uint64_t few_pages(void)
{
	uint8_t byte = input_byte(&input);

	return byte < 224 ? 1 + byte % 16 : byte < 248 ? 512 : input_number(&input);
}

/* Calls that the guest makes on itself, or core on the guest: `pd` is the slot. */
static void memory_call(unsigned int cpu, uint64_t pd, uint64_t memory)
{
	uint8_t kind = input_byte(&input);
	const struct part *part = &parts[(kind >> 3) % PARTS];
	uint64_t flags = input_byte(&input) % 64;

	switch (kind % 8) {
	case 0:
		call(cpu, PURLIN_CALL_GUEST_ATTACH,
		     (uint64_t[6]){ pd, part->address, memory + (kind >> 3) % PARTS, 0, part->pages,
				    part->rights });
		break;
	case 1:
		call(cpu, PURLIN_CALL_GUEST_ATTACH,
		     (uint64_t[6]){ pd, FREE_ADDRESS + (kind >> 5) * PAGE_SIZE,
				    memory + (kind >> 3) % PARTS, kind >> 5, few_pages(),
				    flags | PURLIN_MAP_READ });
		break;
	case 2:
		call(cpu, PURLIN_CALL_GUEST_DETACH, (uint64_t[6]){ pd, part->address });
		break;
	case 3:
	case 4:
		call(cpu, PURLIN_CALL_GUEST_MAP,
		     (uint64_t[6]){ pd, virtual_address(), guest_address(), few_pages(),
				    PURLIN_MAP_READ | (flags & 0x32) });
		break;
	case 5:
		call(cpu, PURLIN_CALL_GUEST_MAP,
		     (uint64_t[6]){ pd, PURLIN_GUEST_KERNEL_BASE, 0x200000, 512,
				    PURLIN_MAP_READ | (flags & 2) });
		break;
	case 6:
		call(cpu, PURLIN_CALL_GUEST_UNMAP,
		     (uint64_t[6]){ pd, virtual_address(), few_pages() });
		break;
	default:
		call(cpu, PURLIN_CALL_SPACE_CREATE,
		     (uint64_t[6]){ pd, SLOT_SPACE + (kind >> 3) % SPACES });
		break;
	}
}

static void configure(unsigned int cpu)
{
	uint64_t address = input_choice(&input, 8) * PAGE_SIZE;

	call(cpu, PURLIN_CALL_VCPU_CONFIGURE,
	     (uint64_t[6]){ PURLIN_SLOT_THREAD, address, PURLIN_GUEST_KERNEL_BASE,
			    PURLIN_GUEST_KERNEL_BASE, 0 });
}

static void guest_step(unsigned int cpu, struct vcpu *vcpu)
{
	uint8_t kind = input_byte(&input);

	/* In user mode the guest touches memory, or enters its kernel. */
	if (kind % 4 == 0 || cpus[cpu].user_state) {
		if (kind >= 0xc0)
			direct_switch(cpu);
		else
			model_touch(cpu, virtual_address(), kind & 0x20);
		return;
	}
	if (!vcpu->state)
		configure(cpu);
	else if (kind < 0x80)
		batch_hand_over(cpu, vcpu);
	else if (kind < 0xa0)
		table_write();
	else if (kind < 0xd0)
		memory_call(cpu, PURLIN_SLOT_PD, 4);
	else if (kind < 0xe0)
		call(cpu, PURLIN_CALL_VCPU_SWITCH,
		     (uint64_t[6]){ kind & 0xc ? SLOT_SPACE + (kind >> 2) % SPACES : 0 });
	else if (kind < 0xf0)
		call(cpu, PURLIN_CALL_OBJECT_DESTROY, (uint64_t[6]){ SLOT_SPACE + kind % SPACES });
	else if (kind < 0xf8)
		direct_switch(cpu);
	else
		configure(cpu);
	leave(cpu);
}

static void core_step(void)
{
	uint8_t kind = input_byte(&input);

	if (kind < 0xa0)
		memory_call(0, SLOT_GUEST, SLOT_MEMORY);
	else if (kind < 0xb0)
		call(0, PURLIN_CALL_OBJECT_DESTROY, (uint64_t[6]){ SLOT_MEMORY + kind % PARTS });
	else if (kind < 0xc0)
		call(0, PURLIN_CALL_MEMORY_CREATE,
		     (uint64_t[6]){ PURLIN_SLOT_ACCOUNT, SLOT_MEMORY + kind % PARTS,
				    parts[kind % PARTS].pages, PURLIN_MEMORY_CONTIGUOUS });
	else if (kind < 0xd0)
		call(0, PURLIN_CALL_CAP_DELETE,
		     (uint64_t[6]){ PURLIN_SLOT_PD, SLOT_MEMORY + kind % PARTS });
	else if (kind < 0xd8)
		call(0, PURLIN_CALL_OBJECT_DESTROY, (uint64_t[6]){ SLOT_GUEST });
	else if (kind < 0xdc)
		call(0, PURLIN_CALL_OBJECT_DESTROY, (uint64_t[6]){ SLOT_VCPU + kind % VCPUS });
	else if (kind < 0xde)
		call(0, PURLIN_CALL_OBJECT_DESTROY, (uint64_t[6]){ SLOT_ACCOUNT });
	else
		table_write();
	leave(0);
}

static void step(unsigned int cpu)
{
	struct vcpu *vcpu;

	/* Its space died: the shoot-down has brought it into the kernel, and this is its way out.
	 */
	if (vcpu_on(cpu) && vcpu_on(cpu)->roots_changed)
		leave(cpu);
	vcpu = vcpu_on(cpu);
	host.cpu = cpu;
	host.current = cpus[cpu].current;
	if (!host.current) {
		leave(cpu);
	} else if (under_way[cpu].restarted) {
		enter_until_done(cpu);
		leave(cpu);
	} else if (vcpu) {
		guest_step(cpu, vcpu);
	} else {
		core_step();
	}
}

static void must(unsigned int cpu, uint64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
		 uint64_t e, uint64_t f)
{
	struct thread *thread = cpus[cpu].current;

	host.cpu = cpu;
	host.current = thread;
	call(cpu, number, (uint64_t[6]){ a, b, c, d, e, f });
	while (under_way[cpu].restarted)
		enter(cpu);
	MUST(thread->arch.frame.rax == PURLIN_OK);
	leave(cpu);
}

static void memories_create(void)
{
	for (unsigned int i = 0; i < PARTS; i++) {
		const struct part *part = &parts[i];

		if (i == PARTS - 1)
			must(0, PURLIN_CALL_MEMORY_CREATE_PHYSICAL, PURLIN_SLOT_PHYSICAL_ROOT,
			     SLOT_MEMORY + i, 0x100000000, part->pages, PURLIN_MAP_UNCACHED, 0);
		else
			must(0, PURLIN_CALL_MEMORY_CREATE, PURLIN_SLOT_ACCOUNT, SLOT_MEMORY + i,
			     part->pages, PURLIN_MEMORY_CONTIGUOUS, 0, 0);
		must(0, PURLIN_CALL_CAP_COPY, SLOT_GUEST, 4 + i, SLOT_MEMORY + i, part->held, 0, 0);
		must(0, PURLIN_CALL_GUEST_ATTACH, SLOT_GUEST, part->address, SLOT_MEMORY + i, 0,
		     part->pages, part->rights);
	}
}

/* Two vCPUs, each with a state page and in a space of its own; one sees what the other does. */
static void vcpus_create(void)
{
	for (unsigned int i = 0; i < VCPUS; i++) {
		must(0, PURLIN_CALL_VCPU_CREATE, SLOT_GUEST, SLOT_VCPU + i, 1 + i, PRIORITY, 0, 0);
		must(0, PURLIN_CALL_VCPU_START, SLOT_VCPU + i, PURLIN_GUEST_KERNEL_BASE, 0, 0, 0,
		     0);
		/* Slot 3 speaks of the first; the second finds itself past the memory. */
		must(0, PURLIN_CALL_CAP_COPY, SLOT_GUEST, i ? 8 : PURLIN_SLOT_THREAD, SLOT_VCPU + i,
		     ~0ull, 0, 0);
		leave(1 + i);
		MUST(vcpu_on(1 + i));
		must(1 + i, PURLIN_CALL_VCPU_CONFIGURE, i ? 8 : PURLIN_SLOT_THREAD,
		     i * STATE_PAGES * PAGE_SIZE, PURLIN_GUEST_KERNEL_BASE,
		     PURLIN_GUEST_KERNEL_BASE, 0, 0);
		must(1 + i, PURLIN_CALL_SPACE_CREATE, PURLIN_SLOT_PD, SLOT_SPACE + i, 0, 0, 0, 0);
		must(1 + i, PURLIN_CALL_VCPU_SWITCH, SLOT_SPACE + i, 0, 0, 0, 0, 0);
	}
}

static void begin(void)
{
	uint8_t byte = input_byte(&input);

	meanwhile_quiet = true;
	system_create(1400, CPUS);
	memset(under_way, 0, sizeof(under_way));
	leave(0);
	MUST(cpus[0].current == core);
	/* Room for the tables of a few spaces: what a space needs at least, and little more. */
	must(0, PURLIN_CALL_ACCOUNT_CREATE, PURLIN_SLOT_ACCOUNT, SLOT_ACCOUNT, 160 + byte % 64, 0,
	     0, 0);
	/* Large pages need much memory, which takes time to zero. */
	parts[LARGE_PART].pages = byte & 0x40 ? 520 : 8;
	must(0, PURLIN_CALL_PD_CREATE, SLOT_ACCOUNT, SLOT_GUEST, 64, PURLIN_PD_GUEST, ~0ull, 0);
	must(0, PURLIN_CALL_CAP_COPY, SLOT_GUEST, PURLIN_SLOT_PD, SLOT_GUEST, ~0ull, 0, 0);
	memories_create();
	vcpus_create();
	meanwhile_quiet = false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	input = (struct input){ data, size };
	host_reset();
	model_reset();
	begin();
	for (unsigned int steps = 0; input.left && steps < STEPS_MOST; steps++) {
		step(meanwhile_byte() % CPUS);
		system_check();
		model_tlb_check();
	}
	for (unsigned int cpu = 0; cpu < CPUS; cpu++) {
		if (cpus[cpu].current)
			arch_thread_evict(cpus[cpu].current);
		timeout_cancel(&processors[cpu].slice);
	}
	host.cpu = 0;
	system_destroy();
	return 0;
}
