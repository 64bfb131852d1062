/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_IO_H
#define _ASM_PURLIN_IO_H

#include <linux/types.h>
#include <asm/page.h>
#include <asm/pgtable.h>

/* x86 keeps accesses to uncached memory in order: the compiler must, too. */
#define __io_br()	barrier()
#define __io_ar(value)	barrier()
#define __io_bw()	barrier()
#define __io_aw()	barrier()

/* asm-generic/iomap.h looks for these before asm-generic/io.h makes the rest. */
#define readq readq
static inline u64 readq(const volatile void __iomem *address)
{
	u64 value = *(const volatile u64 __force *)address;

	barrier();
	return value;
}

#define writeq writeq
static inline void writeq(u64 value, volatile void __iomem *address)
{
	barrier();
	*(volatile u64 __force *)address = value;
}

/*
 * I/O ports are calls on the capability for the range (x86_64/ports.c); reads of
 * ports nobody granted give all ones.
 */
u32 purlin_port_in(unsigned long port, unsigned int size);
void purlin_port_out(unsigned long port, unsigned int size, u32 value);

#define PURLIN_PORT_ACCESS(suffix, type)					\
static inline type in##suffix(unsigned long port)				\
{										\
	return purlin_port_in(port, sizeof(type));				\
}										\
static inline void out##suffix(type value, unsigned long port)			\
{										\
	purlin_port_out(port, sizeof(type), value);				\
}										\
static inline void ins##suffix(unsigned long port, void *buffer, unsigned int count)	\
{										\
	type *next = buffer;							\
										\
	while (count--)								\
		*next++ = in##suffix(port);					\
}										\
static inline void outs##suffix(unsigned long port, const void *buffer, unsigned int count) \
{										\
	const type *next = buffer;						\
										\
	while (count--)								\
		out##suffix(*next++, port);					\
}

PURLIN_PORT_ACCESS(b, u8)
PURLIN_PORT_ACCESS(w, u16)
PURLIN_PORT_ACCESS(l, u32)
#undef PURLIN_PORT_ACCESS

#define inb inb
#define inw inw
#define inl inl
#define outb outb
#define outw outw
#define outl outl
#define inb_p inb
#define inw_p inw
#define inl_p inl
#define outb_p outb
#define outw_p outw
#define outl_p outl
#define insb insb
#define insw insw
#define insl insl
#define outsb outsb
#define outsw outsw
#define outsl outsl

/* Ports are numbers below this; above are addresses of memory (lib/iomap.c). */
#define IO_SPACE_LIMIT 0xffff

#define ARCH_HAS_IOREMAP_WC
/* Older trees want the bits themselves. */
#ifdef PURLIN_TREE_IOREMAP_PGPROT
#define ioremap_bits(bits)	__pgprot(bits)
#else
#define ioremap_bits(bits)	(bits)
#endif
#define ioremap_wc(address, size) \
	ioremap_prot((address), (size), ioremap_bits((_PAGE_IOREMAP & ~_PAGE_CACHE) | _PAGE_PWT))
#define ioremap_cache(address, size) \
	ioremap_prot((address), (size), ioremap_bits(_PAGE_IOREMAP & ~_PAGE_CACHE))

#include <asm-generic/io.h>

#endif
