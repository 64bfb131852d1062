// SPDX-License-Identifier: MIT
/* GDT, TSS and IDT of each processor, and the stacks they name. */
#include "arch/boot.h"
#include "arch/frame.h"
#include "arch/instructions.h"
#include "arch/layout.h"
#include "arch/machine.h"
#include "arch/paging.h"
#include "base/pages.h"
#include "object/processor.h"
#include "debug/log.h"

#define GDT_ENTRIES 10
#define TSS_TYPE 0x89ull /* available 64-bit TSS, present */
#define GATE_INTERRUPT 0x8eull
#define GATE_DPL3 0x60ull
#define KERNEL_STACK_BYTES 0x4000
#define ISOLATED_STACKS 4

struct tss {
	uint32_t reserved0;
	uint64_t rsp[3];
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3, io_bitmap;
} __attribute__((packed));
_Static_assert(sizeof(struct tss) == sizeof(((struct cpu *)NULL)->tss), "SDM 3A, 7.7");

struct gate {
	uint16_t offset_low, selector;
	uint8_t ist, type;
	uint16_t offset_middle;
	uint32_t offset_high, reserved;
};
_Static_assert(sizeof(struct gate) == 16, "SDM 3A, 6.14.1");

struct table_pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

static uint64_t gdts[CPU_MAX][GDT_ENTRIES];
static struct gate idt[256];

static void gdt_fill(uint64_t *gdt, const struct tss *tss)
{
	uint64_t base = (uint64_t)tss;

	gdt[KERNEL_CS / 8] = 0x00af9b000000ffff;
	gdt[KERNEL_SS / 8] = 0x00cf93000000ffff;
	gdt[USER_SS / 8] = 0x00cff3000000ffff;
	gdt[USER_CS / 8] = 0x00affb000000ffff;
	gdt[TSS_SELECTOR / 8] = (sizeof(*tss) - 1) | (base & 0xffffff) << 16 | TSS_TYPE << 40 |
				(base >> 24 & 0xff) << 56;
	gdt[TSS_SELECTOR / 8 + 1] = base >> 32;
}

static void idt_fill(void)
{
	/* #DB, NMI, #DF and #MC may come at any instruction of the entry code: a stack each. */
	static const uint8_t stack[256] = { [1] = 4, [2] = 1, [8] = 2, [18] = 3 };

	for (unsigned int i = 0; i < 256; i++) {
		uint64_t entry = exception_entries[i];
		/* INT3 and INTO may be written by programs. */
		bool program = i == 3 || i == 4;
		idt[i] = (struct gate){
			.offset_low = (uint16_t)entry,
			.selector = KERNEL_CS,
			.ist = stack[i],
			.type = (uint8_t)(GATE_INTERRUPT | (program ? GATE_DPL3 : 0)),
			.offset_middle = (uint16_t)(entry >> 16),
			.offset_high = (uint32_t)(entry >> 32),
		};
	}
}

static void tables_load(const uint64_t *gdt)
{
	struct table_pointer gdt_pointer = { sizeof(gdts[0]) - 1, (uint64_t)gdt };
	struct table_pointer idt_pointer = { sizeof(idt) - 1, (uint64_t)idt };

	/* A far return loads CS; the data segments stay null, but SS. */
	__asm__ volatile("lgdt %0\n\t"
			 "pushq %2\n\t"
			 "leaq 1f(%%rip), %%rax\n\t"
			 "pushq %%rax\n\t"
			 "lretq\n"
			 "1:\tmovl %3, %%eax\n\t"
			 "movl %%eax, %%ss\n\t"
			 "xorl %%eax, %%eax\n\t"
			 "movl %%eax, %%ds\n\t"
			 "movl %%eax, %%es\n\t"
			 "movl %%eax, %%fs\n\t"
			 "movl %%eax, %%gs\n\t"
			 "lidt %1\n\t"
			 "lldt %%ax\n\t"
			 "movl %4, %%eax\n\t"
			 "ltr %%ax"
			 :
			 : "m"(gdt_pointer), "m"(idt_pointer), "i"(KERNEL_CS), "i"(KERNEL_SS),
			   "i"(TSS_SELECTOR)
			 : "rax", "memory");
}

void cpu_tables_init(struct cpu *cpu)
{
	unsigned int id = (unsigned int)(cpu - cpus);
	struct tss *tss = (struct tss *)cpu->tss;

	cpu->self = cpu;
	cpu->id = id;
	cpu->bit = 1ull << id;
	cpu->processor = &processors[id];
	cpu->tlb = tlb_held_by(id);
	cpu->gdt = gdts[id];
	tss->io_bitmap = sizeof(*tss); /* past the limit: no ports for ring 3 */
	gdt_fill(cpu->gdt, tss);
	/* One for all: it names handlers and numbers of stacks, which each TSS resolves. */
	if (id == 0)
		idt_fill();
	tables_load(cpu->gdt);
	msr_write(MSR_GS_BASE, (uint64_t)cpu);
}

static void stack_create(uint64_t bottom, uint64_t bytes)
{
	struct physical pages = pages_allocate(bytes / PAGE_SIZE, 1, 0);

	if (!physical_valid(pages))
		panic("no memory for kernel stacks");
	kernel_map(bottom, pages.value, bytes, MAP_WRITE);
}

/*
 * Every stack lies above an unmapped page: running over it is a double fault,
 * not damage. Of each processor's 64 KiB the upper 16 are the kernel stack.
 */
void cpu_stacks_create(struct cpu *cpu)
{
	uint64_t base = STACKS_BASE + (uint64_t)(cpu - cpus) * STACKS_BYTES;
	struct tss *tss = (struct tss *)cpu->tss;

	cpu->stack = base + STACKS_BYTES;
	stack_create(cpu->stack - KERNEL_STACK_BYTES, KERNEL_STACK_BYTES);
	for (unsigned int i = 0; i < ISOLATED_STACKS; i++) {
		uint64_t bottom = base + (2 * i + 1) * PAGE_SIZE;
		stack_create(bottom, PAGE_SIZE);
		/* isolated.S finds the processor's data in the word above the stack. */
		tss->ist[i] = bottom + PAGE_SIZE - 16;
		*(struct cpu **)tss->ist[i] = cpu;
	}
}
