// SPDX-License-Identifier: MIT
/*
 * Machines of many shapes: memory map, page tables, allocator and bundle, as at boot. A window of
 * 4 TiB stands for the direct map; what the kernel's tables do not map cannot be touched there.
 */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arch/boot.h"
#include "arch/layout.h"
#include "arch/machine.h"
#include "arch/paging.h"
#include "base/arch.h"
#include "base/pages.h"
#include "debug/log.h"

#define WINDOW ((uint64_t)DIRECT_MAP_SLOTS << 39)
#define CHUNK LARGE_PAGE_SIZE
#define MIB (1ull << 20)
#define GIB (1ull << 30)
#define TIB (1ull << 40)
#define BUNDLE_BYTES (3 * PAGE_SIZE + 17)
#define TOUCHED 2000 /* pages allocated afterwards */

struct purlin_boot_info boot_info;
struct physical boot_bundle, kernel_image_end;
struct cpu_features cpu_features;
uint64_t trampoline_page;
uint64_t boot_pml4[512] __attribute__((aligned(4096)));
char image[8 * 4096] __attribute__((aligned(4096)));
__asm__(".globl image_start, image_text_start, image_text_end, image_data_start, image_end\n"
	"image_start = image\nimage_text_start = image + 0x1000\nimage_text_end = image + 0x4000\n"
	"image_data_start = image + 0x6000\nimage_end = image + 0x8000\n");

static int memory_file = -1;
static char *physical; /* the test's own view: everything */
static bool loaded;    /* the final root is in CR3 */
static unsigned int tables;
static struct boot_data data;
static jmp_buf panicked;
static char panic_text[200];

_Noreturn void panic(const char *format, ...)
{
	snprintf(panic_text, sizeof(panic_text), "%s", format);
	longjmp(panicked, 1);
}

void reserved_add(uint64_t base, uint64_t bytes)
{
	assert_true(bytes > 0 && base + bytes > base);
}

void log_print(const char *format, ...)
{
	(void)format;
}

void cr3_write(uint64_t value)
{
	static const uint64_t untouched[512];

	assert_false(loaded);
	assert_int_equal(value, kernel_root.value);
	assert_memory_equal(boot_pml4, untouched, sizeof(boot_pml4));
	/* Every access counts from now on: what start.S mapped is gone. */
	mprotect((void *)DIRECT_MAP_BASE, WINDOW, PROT_NONE);
	loaded = true;
}

static const uint64_t *table(uint64_t entry)
{
	return (const void *)(physical + (entry & PTE_ADDRESS));
}

/* The leaf for an address of the kernel, and its size; 0: none. */
static uint64_t leaf(uint64_t address, uint64_t *size)
{
	uint64_t entry = kernel_root.value;

	for (unsigned int level = TABLE_LEVELS; level-- > 0;) {
		entry = table(entry)[table_index(address, level)];
		*size = PAGE_SIZE << 9 * level;
		if (!(entry & PTE_PRESENT) || level == 0 || (entry & PTE_LARGE))
			break;
	}
	return entry & PTE_PRESENT ? entry : 0;
}

static void touched(int number, siginfo_t *info, void *context)
{
	uint64_t address = (uint64_t)info->si_addr, size = 0;
	uint64_t chunk = address & ~(CHUNK - 1);
	bool valid = address >= DIRECT_MAP_BASE && address < DIRECT_MAP_BASE + WINDOW;

	(void)context;
	valid = valid && (loaded ? leaf(address, &size) != 0 : address - DIRECT_MAP_BASE < 4 * GIB);
	if (valid && size && size < CHUNK)
		mprotect((void *)(address & ~(PAGE_SIZE - 1)), PAGE_SIZE, PROT_READ | PROT_WRITE);
	else if (valid)
		mprotect((void *)chunk, CHUNK, PROT_READ | PROT_WRITE);
	else
		signal(number, SIG_DFL); /* the access again, and the end */
}

static void machine(void)
{
	struct sigaction action = { .sa_sigaction = touched, .sa_flags = SA_SIGINFO | SA_NODEFER };

	if (memory_file < 0)
		memory_file = memfd_create("physical memory", 0);
	sigaction(SIGSEGV, &action, NULL); /* each test starts with cmocka's own */
	assert_int_equal(ftruncate(memory_file, 0), 0);
	assert_int_equal(ftruncate(memory_file, (off_t)WINDOW), 0);
	if (!physical)
		physical = mmap(NULL, WINDOW, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
				memory_file, 0);
	assert_ptr_equal(mmap((void *)DIRECT_MAP_BASE, WINDOW, PROT_NONE,
			      MAP_SHARED | MAP_NORESERVE | MAP_FIXED, memory_file, 0),
			 (void *)DIRECT_MAP_BASE);
	memset(boot_pml4, 0, sizeof(boot_pml4));
	memset(&data, 0, sizeof(data));
	loaded = false;
	tables = 0;
}

static void usable(uint64_t base, uint64_t size)
{
	memory_map_add(&data.map, base, size, PURLIN_MEMORY_USABLE);
}

static void bundle(uint64_t base)
{
	data.bundle = base;
	data.bundle_size = BUNDLE_BYTES;
	for (unsigned int i = 0; i < BUNDLE_BYTES; i++)
		physical[base + i] = (char)(i * 7);
}

static bool in_usable(uint64_t address, uint64_t size)
{
	for (unsigned int i = 0; i < boot_info.memory_ranges; i++) {
		const struct purlin_memory_range *range = &boot_info.memory[i];
		if (range->kind == PURLIN_MEMORY_USABLE && address >= range->base &&
		    address + size <= range->base + range->size)
			return true;
	}
	return false;
}

static bool in_bundle(uint64_t address, uint64_t size)
{
	return address + size > data.bundle && address < data.bundle + data.bundle_size;
}

/* All leaves of the direct map: usable memory, writable, and the bundle, not writable. */
static uint64_t leaves_check(uint64_t entry, unsigned int level, uint64_t at)
{
	uint64_t size = PAGE_SIZE << 9 * level, sum = 0;

	tables++;
	assert_true(in_usable(entry & PTE_ADDRESS, PAGE_SIZE));
	for (unsigned int i = 0; i < TABLE_ENTRIES; i++, at += size) {
		uint64_t below = table(entry)[i];

		if (!(below & PTE_PRESENT))
			continue;
		if (level > 0 && !(below & PTE_LARGE)) {
			sum += leaves_check(below, level - 1, at);
			continue;
		}
		assert_int_equal(below & PTE_ADDRESS & ~(size - 1), at);
		assert_true(below & PTE_NX);
		assert_false(below & (PTE_USER | PTE_PWT | PTE_PCD));
		if (!in_usable(at, size))
			assert_true(in_bundle(at, size) && !(below & PTE_WRITE));
		else
			sum += size;
	}
	return sum;
}

static uint64_t direct_map_check(void)
{
	unsigned int first = table_index(DIRECT_MAP_BASE, TABLE_LEVELS - 1);
	uint64_t sum = 0;

	for (unsigned int slot = 0; slot < DIRECT_MAP_SLOTS; slot++)
		if (table(kernel_root.value)[first + slot] & PTE_PRESENT)
			sum += leaves_check(table(kernel_root.value)[first + slot], 2,
					    (uint64_t)slot << 39);
	return sum;
}

/* What is given out is usable, none of the tables, and can be written in the window. */
static void allocate_check(uint64_t limit)
{
	for (unsigned int i = 0; i < TOUCHED; i++) {
		struct physical page = pages_allocate(1, 1, limit);

		if (!physical_valid(page))
			return;
		assert_true(in_usable(page.value, PAGE_SIZE));
		assert_true(page.value >= MIB && !in_bundle(page.value, PAGE_SIZE));
		memset(arch_physical_to_kernel(page), 0xff, PAGE_SIZE);
	}
}

static void bundle_check(void)
{
	if (!data.bundle_size)
		return;
	assert_int_equal(boot_bundle.value % PAGE_SIZE, 0);
	for (unsigned int i = 0; i < BUNDLE_BYTES; i++)
		assert_int_equal(physical[boot_bundle.value + i], (char)(i * 7));
}

static uint64_t usable_bytes(uint64_t *highest)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < boot_info.memory_ranges; i++) {
		const struct purlin_memory_range *range = &boot_info.memory[i];
		if (range->kind != PURLIN_MEMORY_USABLE || !range->size)
			continue;
		sum += range->size;
		*highest = range->base + range->size;
	}
	return sum;
}

/* Boot, and look at what came of it; the number of tables. */
static unsigned int boot(void)
{
	uint64_t highest = 0, sum, root;

	if (setjmp(panicked))
		fail_msg("panic: %s", panic_text);
	memory_init(&data);
	sum = usable_bytes(&highest);
	/* Also counts the tables, which hold nothing of the image yet. */
	assert_int_equal(direct_map_check(), sum);
	assert_true(pages_available() * PAGE_SIZE < sum);
	assert_true(pages_available() + tables + 32 + highest / PAGE_SIZE / 8 / PAGE_SIZE >=
		    sum / PAGE_SIZE);
	bundle_init(&data);
	bundle_check();
	root = kernel_root.value;
	assert_memory_equal(&boot_pml4[256], &table(root)[256], 16 * sizeof(uint64_t));
	allocate_check(4 * GIB);
	allocate_check(0);
	/* Tables that were overwritten would say something else now. */
	tables = 0;
	assert_int_equal(direct_map_check(), sum);
	bundle_check();
	return tables;
}

static void pc(uint64_t low, uint64_t high)
{
	machine();
	usable(0, 0x9fc00);
	memory_map_add(&data.map, 0x9fc00, 0x60400, PURLIN_MEMORY_RESERVED);
	usable(MIB, low - MIB - 0x20000);
	memory_map_add(&data.map, low - 0x20000, 0x20000, PURLIN_MEMORY_ACPI);
	if (high)
		usable(4 * GIB, high);
}

static void sizes(void **state)
{
	static const uint64_t size[] = { 64 * MIB, 512 * MIB,	3 * GIB,   30000 * MIB, 31744 * MIB,
					 32 * GIB, 70000 * MIB, 600 * GIB, TIB };

	(void)state;
	for (unsigned int i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
		uint64_t low = size[i] < 2 * GIB ? size[i] : 2 * GIB;
		for (int large = 0; large < 2; large++) {
			cpu_features.pages_1g = large;
			pc(low, size[i] - low);
			bundle(low - 20 * MIB);
			unsigned int count = boot();
			/* The work is that of the tables: with large pages it does not grow. */
			assert_true(count <= 24 + (large ? 0 : size[i] / GIB));
		}
	}
}

static void bundle_anywhere(void **state)
{
	static const uint64_t place[] = {
		16 * MIB,	16 * MIB + 1,	   2 * GIB - 20 * MIB + 0xfff,
		4 * GIB,	4 * GIB + 0x10,	   9 * GIB + 0x123,
		40 * GIB - MIB, 0x200000 + 0x8000, 44 * GIB - BUNDLE_BYTES
	};

	(void)state;
	for (unsigned int i = 0; i < sizeof(place) / sizeof(place[0]); i++) {
		pc(2 * GIB, 40 * GIB);
		bundle(place[i]);
		boot();
	}
	/* In memory that the loader does not call usable. */
	pc(2 * GIB, 40 * GIB);
	bundle(3 * GIB + 5);
	boot();
}

/* Nothing below 4 GiB holds the bitmap: it goes above. */
static void little_low_memory(void **state)
{
	(void)state;
	for (int large = 0; large < 2; large++) {
		cpu_features.pages_1g = large;
		machine();
		for (unsigned int i = 1; i < 60; i++)
			usable(i * 64 * MIB + 0x1000, 128 * 1024);
		usable(100 * GIB + 0x3000, TIB);
		bundle(200 * GIB + 3);
		boot();
	}
}

static void holes(void **state)
{
	(void)state;
	cpu_features.pages_1g = true;
	machine();
	usable(0, 640 * 1024);
	usable(2 * MIB, 30 * MIB);
	for (unsigned int i = 0; i < 40; i++)
		usable((16 + 3 * i) * GIB + i * 0x1000, GIB + i * MIB);
	bundle((16 + 3 * 7) * GIB + 8 * MIB + 1);
	boot();
}

/* What lies beyond the direct map is left out; what meets its end counts up to there. */
static void beyond_the_window(void **state)
{
	uint64_t highest = 0;

	(void)state;
	cpu_features.pages_1g = true;
	pc(2 * GIB, 0);
	usable(WINDOW - GIB, 2 * GIB);
	usable(2 * WINDOW, GIB);
	boot();
	assert_true(usable_bytes(&highest) > 2 * GIB);
	assert_int_equal(highest, WINDOW);
}

static void more_ranges_than_kept(void **state)
{
	(void)state;
	pc(512 * MIB, 0);
	for (unsigned int i = 0; i < 300; i++)
		memory_map_add(&data.map, GIB + i * 3 * MIB, MIB,
			       i % 3 ? PURLIN_MEMORY_USABLE : PURLIN_MEMORY_RESERVED);
	bundle(100 * MIB + 9);
	boot();
}

static void too_little_says_so(void **state)
{
	(void)state;
	machine();
	usable(MIB, MIB);
	usable(KERNEL_LOAD + sizeof(image), 3 * PAGE_SIZE);
	if (setjmp(panicked) == 0) {
		memory_map_add(&data.map, MIB, MIB, PURLIN_MEMORY_RESERVED);
		memory_init(&data);
		fail_msg("three pages were enough");
	}
	assert_string_equal(panic_text, "no memory for page tables");
}

static uint64_t random_below(unsigned int limit)
{
	return (unsigned int)rand() % limit;
}

static void random_shapes(void **state)
{
	(void)state;
	srand(7);
	for (int step = 0; step < 60; step++) {
		cpu_features.pages_1g = step & 1;
		machine();
		usable(KERNEL_LOAD, (16 + random_below(64)) << 20);
		for (uint64_t i = random_below(50); i > 0; i--) {
			uint64_t base = (random_below(300 << 20) << 10) + random_below(1024);
			uint64_t size = (1ull << (8 + random_below(24))) + random_below(9999);
			memory_map_add(&data.map, base, size,
				       random_below(3) ? 1 : 2 + random_below(4));
		}
		if (memory_map_usable(&data.map, 8 * MIB, MIB))
			bundle((8ull << 20) + random_below(MIB - BUNDLE_BYTES));
		if (memory_map_usable(&data.map, KERNEL_LOAD, 16 * MIB))
			boot();
	}
}

TEST_MAIN(TEST(sizes), TEST(bundle_anywhere), TEST(little_low_memory), TEST(holes),
	  TEST(beyond_the_window), TEST(more_ranges_than_kept), TEST(too_little_says_so),
	  TEST(random_shapes))
