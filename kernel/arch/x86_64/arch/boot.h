/* SPDX-License-Identifier: MIT */
/* The way from the loader to kernel_main(): parts of the boot code to each other. */
#ifndef ARCH_BOOT_H
#define ARCH_BOOT_H

/* Which loader: what start.S passes to boot_main(). */
#define BOOT_MULTIBOOT2 0x36d76289 /* Multiboot2 3.3: EAX */
#define BOOT_PVH 0x336ec578	   /* the magic number of hvm_start_info */

/* Offsets in struct trampoline_words. */
#define TRAMPOLINE_CPU 8
#define TRAMPOLINE_ENTRY 16
#define TRAMPOLINE_CR3 24
#define TRAMPOLINE_FAR 28
#define TRAMPOLINE_GDT_BASE 36

#ifndef __ASSEMBLER__
#include "arch/features.h"
#include "base/memory_map.h"
#include "base/types.h"

/* What the loader says. */
struct boot_data {
	struct memory_map map;
	uint64_t rsdp;	       /* 0: not told */
	uint8_t rsdp_copy[64]; /* told by copy: the original may be anywhere */
	uint64_t rsdp_copy_size;
	uint64_t bundle, bundle_size; /* first module; size 0: none */
	struct purlin_framebuffer framebuffer;
	char command_line[512];
};

/* False: not what it claims to be. */
bool multiboot2_read(uint64_t info, struct boot_data *data);
bool pvh_read(uint64_t info, struct boot_data *data);

/* boot_data.c. Reserved: physical ranges that are never handed out, namely image, bundle, the
 * allocator's bitmap, device registers. */
void reserved_add(uint64_t base, uint64_t bytes);
void boot_copy_text(char *to, size_t size, const char *from);

/* start.S */
void boot_main(uint32_t loader, uint64_t info);
_Noreturn void stack_switch(uint64_t top, void (*function)(void));
extern uint64_t boot_pml4[512];

/* kernel.lds */
extern const char image_start[], image_text_start[], image_text_end[], image_data_start[],
	image_end[];

static inline uint64_t framebuffer_bytes(const struct purlin_framebuffer *framebuffer)
{
	return (uint64_t)framebuffer->pitch * framebuffer->height;
}

/* boot_screen.c: the log appears on the screen as soon as page tables reach the framebuffer. */
void screen_find(const struct boot_data *data); /* fills boot_info.framebuffer */
void screen_reach(void);			/* the final tables are in use */

/* boot_memory.c: memory ranges, final page tables, page allocator; then a bundle at a page's start.
 */
void memory_init(struct boot_data *data);
void bundle_init(const struct boot_data *data);

/*
 * paging_boot.c. paging_boot() builds the kernel's final tables and loads
 * them. Before that only the first 4 GiB can be reached. There is no allocator yet: the tables
 * take usable pages from the bottom, all of those below the address returned; the allocator has
 * to be told. From paging_boot_done() on further tables come from the allocator.
 * kernel_map() extends the tables while booting; what is mapped already stays.
 */
#define MAP_WRITE 0x1
#define MAP_EXECUTE 0x2
#define MAP_DEVICE 0x4
#define MAP_COMBINE 0x8 /* writes */
uint64_t paging_boot(const struct purlin_memory_range *ranges, unsigned int count);
void paging_boot_done(void);
void kernel_map(uint64_t virtual_address, uint64_t address, uint64_t bytes, unsigned int flags);
/* Map into the direct map (firmware tables, device registers); returns the kernel address. */
void *direct_map_firmware(uint64_t address, uint64_t bytes);
void *direct_map_low(uint64_t page); /* below 1 MiB, writable */
void *direct_map_device(uint64_t address, uint64_t bytes);

/* cpu_setup.c, descriptors.c */
struct cpu;
/* What this processor lacks: of what is required, or of what the first one has. */
features cpu_missing(void);
_Noreturn void cpu_refuse(const struct cpu *cpu, features missing); /* one line, then stop */
void cpu_detect(void); /* features, once; if one is missing that we need, says so and ends */
void cpu_warn(void);   /* of what this processor leaves open */
void cpu_tables_init(struct cpu *cpu); /* GDT, TSS, IDT, GS base: before this no cpu_this() */
void cpu_registers_init(void);	       /* control registers and MSRs of this processor */
/* Kernel and interrupt stacks, each above an unmapped page. */
void cpu_stacks_create(struct cpu *cpu);

/* timer.c */
void timer_calibrate(void); /* on the boot processor */
void timer_init_cpu(void);
void timer_delay_us(uint64_t microseconds);

/* smp.c: a page below 1 MiB for the first steps of other processors; 0: none */
extern uint64_t trampoline_page;
_Noreturn void secondary_main(struct cpu *cpu);
#endif

#endif
