// SPDX-License-Identifier: GPL-2.0
/* Loadable modules: their memory, within reach of the kernel, and relocations. */
#include <linux/elf.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleloader.h>
#include <linux/vmalloc.h>
#include <asm/page_types.h>
#include <asm/pgtable.h>

#ifdef CONFIG_EXECMEM
#include <linux/execmem.h>

static struct execmem_info module_memory __ro_after_init;

struct execmem_info __init *execmem_arch_setup(void)
{
	module_memory.ranges[EXECMEM_DEFAULT] = (struct execmem_range) {
		.start = MODULES_VADDR,
		.end = MODULES_END,
		.pgprot = PAGE_KERNEL_EXEC,
		.alignment = PAGE_SIZE,
	};
	return &module_memory;
}
#else
void *module_alloc(unsigned long size)
{
	return __vmalloc_node_range(size, PAGE_SIZE, MODULES_VADDR, MODULES_END,
				    GFP_KERNEL, PAGE_KERNEL_EXEC, 0,
				    NUMA_NO_NODE, __builtin_return_address(0));
}
#endif

/* The bytes a relocation writes; 0: it does not fit, negative: not known. */
static int relocation_bytes(unsigned int type, u64 *value, u64 place)
{
	switch (type) {
	case R_X86_64_64:
		return 8;
	case R_X86_64_32:
		return *value == (u32)*value ? 4 : 0;
	case R_X86_64_32S:
		return (s64)*value == (s32)*value ? 4 : 0;
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
		*value -= place;
		return (s64)*value == (s32)*value ? 4 : 0;
	case R_X86_64_PC64:
		*value -= place;
		return 8;
	default:
		return -ENOEXEC;
	}
}

int apply_relocate_add(Elf64_Shdr *sections, const char *strings,
		       unsigned int symbols, unsigned int relocations,
		       struct module *module)
{
	const Elf64_Shdr *section = &sections[relocations];
	const Elf64_Rela *rela = (const void *)section->sh_addr;
	const Elf64_Rela *end = (const void *)rela + section->sh_size;
	u8 *target = (u8 *)sections[section->sh_info].sh_addr;
	const Elf64_Sym *symbol = (const void *)sections[symbols].sh_addr;

	for (; rela < end; rela++) {
		unsigned int type = ELF64_R_TYPE(rela->r_info);
		u8 *place = target + rela->r_offset;
		u64 value = symbol[ELF64_R_SYM(rela->r_info)].st_value +
			    rela->r_addend;
		int bytes;

		if (type == R_X86_64_NONE)
			continue;
		bytes = relocation_bytes(type, &value, (u64)place);
		if (bytes <= 0) {
			pr_err("%s: relocation type %u, value %#llx: %s\n",
			       module->name, type, value,
			       bytes ? "unknown" : "out of reach");
			return -ENOEXEC;
		}
		memcpy(place, &value, bytes);
	}
	return 0;
}
