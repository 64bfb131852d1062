/* SPDX-License-Identifier: GPL-2.0 */
/*
 * User memory. The kernel root of a space maps the process, too, so Linux
 * reads and writes it directly; faults end at the exception table.
 */
#ifndef _ASM_PURLIN_UACCESS_H
#define _ASM_PURLIN_UACCESS_H

#include <linux/compiler.h>
#include <linux/instrumented.h>
#include <linux/string.h>
#include <asm/asm.h>
#include <asm/extable.h>
#include <asm/page_types.h>
#include <asm/batch.h>

/* Before an access: what a batch takes away is still mapped until it is applied. */
#define access_ok(addr, size) \
	({ user_access_sync(); likely(__access_ok(addr, size)); })
#include <asm-generic/access_ok.h>

#define __user_word(ptr) (*(unsigned long __force *)(ptr))

/* Operand sizes by the suffix of the instruction; RAX is read into. */
#define __get_asm(x, ptr, err, suffix, type)				\
	do {								\
		type _value;						\
		asm volatile("1: mov" suffix " %[from], %[into]\n"	\
			     "2:\n"					\
			     _ASM_EXTABLE_TYPE_REG(1b, 2b,		\
				EX_TYPE_EFAULT_REG | EX_FLAG_CLEAR_AX,	\
				%[failed])				\
			     : [failed] "=r" (err), [into] "=a" (_value) \
			     : [from] "m" (__user_word(ptr)), "0" (err)); \
		(x) = _value;						\
	} while (0)

#define __get_size(value, ptr, size, error)				\
	do {								\
		switch (size) {						\
		case 1:							\
			__get_asm(value, ptr, error, "b", u8);		\
			break;						\
		case 2:							\
			__get_asm(value, ptr, error, "w", u16);		\
			break;						\
		case 4:							\
			__get_asm(value, ptr, error, "l", u32);		\
			break;						\
		case 8:							\
			__get_asm(value, ptr, error, "q", u64);		\
			break;						\
		default:						\
			BUILD_BUG();					\
		}							\
	} while (0)

#define __put_asm(value, ptr, suffix, constraint, label)		\
	asm volatile goto("1: mov" suffix " %0, %1\n"			\
			  _ASM_EXTABLE_UA(1b, %l2)			\
			  : : constraint (value), "m" (__user_word(ptr)) \
			  : : label)

#define __put_size(value, ptr, size, label)				\
	do {								\
		switch (size) {						\
		case 1:							\
			__put_asm((u8)(value), ptr, "b", "iq", label);	\
			break;						\
		case 2:							\
			__put_asm((u16)(value), ptr, "w", "ir", label);	\
			break;						\
		case 4:							\
			__put_asm((u32)(value), ptr, "l", "ir", label);	\
			break;						\
		case 8:							\
			__put_asm((u64)(value), ptr, "q", "er", label);	\
			break;						\
		default:						\
			BUILD_BUG();					\
		}							\
	} while (0)

/* The unsigned integer that holds an object of this type. */
#define __integer_for(x)						\
	__typeof__(__builtin_choose_expr(sizeof(x) > 4, 0ULL,		\
		   __builtin_choose_expr(sizeof(x) > 2, 0U,		\
		   __builtin_choose_expr(sizeof(x) > 1, (u16)0, (u8)0))))

#define __get_user(x, ptr)						\
	({								\
		const __typeof__(*(ptr)) __user *_ptr = (ptr);		\
		__integer_for(*(ptr)) _read = 0;			\
		int _error = 0;						\
		__get_size(_read, _ptr, sizeof(*(ptr)), _error);	\
		(x) = (__force __typeof__(*(ptr)))_read;		\
		__builtin_expect(_error, 0);				\
	})

#define get_user(x, ptr)						\
	({								\
		const __typeof__(*(ptr)) __user *_checked = (ptr);	\
		might_fault();						\
		access_ok(_checked, sizeof(*(ptr))) ?			\
			__get_user((x), _checked) :			\
			((x) = (__force __typeof__(*(ptr)))0, -EFAULT);	\
	})

#define __put_user(x, ptr)						\
	({								\
		__label__ _failed;					\
		__typeof__(*(ptr)) __user *_ptr = (ptr);		\
		__typeof__(*(ptr)) _written = (x);			\
		int _result = -EFAULT;					\
		__put_size((__force __integer_for(*(ptr)))_written,	\
			   _ptr, sizeof(*(ptr)), _failed);		\
		_result = 0;						\
_failed:								\
		__builtin_expect(_result, 0);				\
	})

#define put_user(x, ptr)						\
	({								\
		__typeof__(*(ptr)) __user *_checked = (ptr);		\
		__typeof__(*(ptr)) _value = (x);			\
		might_fault();						\
		access_ok(_checked, sizeof(*(ptr))) ?			\
			__put_user(_value, _checked) : -EFAULT;		\
	})

/* Several accesses under one check: nothing to switch on or off. */
static __must_check __always_inline bool
user_access_begin(const void __user *ptr, size_t len)
{
	return access_ok(ptr, len);
}

#define user_access_begin(ptr, len)	user_access_begin(ptr, len)
#define user_access_end()		do { } while (0)
#define user_access_save()		0UL
#define user_access_restore(flags)	((void)(flags))

#define unsafe_put_user(x, ptr, label)					\
	do {								\
		__typeof__(*(ptr)) __user *_ptr = (ptr);		\
		__typeof__(*(ptr)) _written = (x);			\
		__put_size((__force __integer_for(*(ptr)))_written,	\
			   _ptr, sizeof(*(ptr)), label);		\
	} while (0)

#define unsafe_get_user(x, ptr, label)					\
	do {								\
		if (unlikely(__get_user(x, ptr)))			\
			goto label;					\
	} while (0)

#define __copy_pieces(dst, src, len, type, label)			\
	while ((len) >= sizeof(type)) {					\
		unsafe_put_user(*(type *)(src), (type __user *)(dst), label); \
		(dst) += sizeof(type);					\
		(src) += sizeof(type);					\
		(len) -= sizeof(type);					\
	}

#define unsafe_copy_to_user(to, from, bytes, label)			\
	do {								\
		char __user *_dst = (char __user *)(to);		\
		const char *_src = (const char *)(from);		\
		size_t _len = (bytes);					\
		__copy_pieces(_dst, _src, _len, u64, label);		\
		__copy_pieces(_dst, _src, _len, u32, label);		\
		__copy_pieces(_dst, _src, _len, u16, label);		\
		__copy_pieces(_dst, _src, _len, u8, label);		\
	} while (0)

/* x86_64/copy_user.S: all return the number of bytes not done. */
unsigned long purlin_copy_user(void *to, const void *from, unsigned long bytes);
unsigned long purlin_clear_user(void __user *to, unsigned long bytes);

#define INLINE_COPY_FROM_USER
#define INLINE_COPY_TO_USER

static __must_check __always_inline unsigned long
raw_copy_from_user(void *to, const void __user *from, unsigned long bytes)
{
	return purlin_copy_user(to, (__force const void *)from, bytes);
}

static __must_check __always_inline unsigned long
raw_copy_to_user(void __user *to, const void *from, unsigned long bytes)
{
	return purlin_copy_user((__force void *)to, from, bytes);
}

static inline unsigned long __clear_user(void __user *to, unsigned long bytes)
{
	might_fault();
	return purlin_clear_user(to, bytes);
}

static inline unsigned long clear_user(void __user *to, unsigned long bytes)
{
	return access_ok(to, bytes) ? __clear_user(to, bytes) : bytes;
}

long strncpy_from_user(char *dst, const char __user *src, long count);
__must_check long strnlen_user(const char __user *str, long n);

/* Kernel memory that may not be there. */
#ifndef HAVE_GET_KERNEL_NOFAULT
#define HAVE_GET_KERNEL_NOFAULT
#endif

#define __get_kernel_nofault(dst, src, type, label)			\
	do {								\
		__integer_for(type) _read = 0;				\
		int _error = 0;						\
		__get_size(_read, src, sizeof(type), _error);		\
		*(type *)(dst) = (__force type)_read;			\
		if (unlikely(_error))					\
			goto label;					\
	} while (0)

#define __put_kernel_nofault(dst, src, type, label)			\
	__put_size((__force __integer_for(type))*(type *)(src),		\
		   (__force type *)(dst), sizeof(type), label)

#endif /* _ASM_PURLIN_UACCESS_H */
