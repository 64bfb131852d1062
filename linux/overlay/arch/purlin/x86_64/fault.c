// SPDX-License-Identifier: GPL-2.0
/*
 * Page faults. Linux's tables come first: if they permit the access, the
 * microkernel merely does not hold the entry (any more), or it waits for its
 * accessed or dirty bit; then the entry is noted and nothing else happens. The rest
 * is a fault as on any machine.
 */
#include <linux/entry-common.h>
#include <linux/extable.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/perf_event.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>
#include <linux/sched/debug.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/uaccess.h>
#include <asm/entry.h>
#include <asm/pgtable.h>
#include <asm/trapnr.h>

/* Error code: Intel SDM volume 3, 4.7. */
#define PF_PROTECTION	0x01
#define PF_WRITE	0x02
#define PF_USER		0x04
#define PF_FETCH	0x10

/* What is handed over with a missing entry: the aligned group it belongs to. */
#define NEIGHBOURS	8UL
#define NEIGHBOURS_MASK	(~(NEIGHBOURS * PAGE_SIZE - 1))

static bool permits(pte_t pte, unsigned long error)
{
	if (!(pte_val(pte) & _PAGE_PRESENT))
		return false;
	if (error & PF_WRITE)
		return pte_write(pte);
	if (error & PF_FETCH)
		return pte_exec(pte);
	return true;
}

/*
 * With events disabled, so that no table is freed (batch_tables_unlinked). Each level is read once:
 * another vCPU may unlink a table meanwhile. `large`: it is an entry of the level above.
 */
static pte_t *find_entry(struct mm_struct *mm, unsigned long address, bool *large)
{
	p4d_t p4d = READ_ONCE(*p4d_offset(pgd_offset(mm, address), address));
	pmd_t pmd, *middle;
	pud_t pud;

	if (p4d_none(p4d))
		return NULL;
	pud = READ_ONCE(p4d_pgtable(p4d)[pud_index(address)]);
	if (pud_none(pud))
		return NULL;
	middle = &pud_pgtable(pud)[pmd_index(address)];
	pmd = READ_ONCE(*middle);
	if (!(pmd_val(pmd) & _PAGE_PRESENT))
		return NULL;
	*large = pmd_leaf(pmd);
	if (unlikely(*large))
		return (pte_t *)middle;
	return (pte_t *)pmd_page_vaddr(pmd) + pte_index(address);
}

/* As a processor does it: others may change the entry at the same time. */
static bool mark_accessed(pte_t *entry, unsigned long error)
{
	unsigned long bits = _PAGE_ACCESSED | (error & PF_WRITE ? _PAGE_DIRTY : 0);
	unsigned long value = READ_ONCE(entry->pte);

	do {
		if (!permits(__pte(value), error))
			return false;
	} while ((value & bits) != bits && !try_cmpxchg(&entry->pte, &value, value | bits));
	return true;
}

/* True: the tables permit it, and the entry is on its way. */
static bool hand_over(struct mm_struct *mm, unsigned long address, unsigned long error)
{
	unsigned long first = address & NEIGHBOURS_MASK;
	bool large;
	pte_t *entry = find_entry(mm, address, &large);

	if (!entry || !mark_accessed(entry, error))
		return false;
	/* Another vCPU may just have split it: then this maps nothing, and the next fault finds out. */
	if (unlikely(large))
		purlin_note_large(mm, address & PMD_MASK, (pmd_t *)entry);
	else if (error & PF_PROTECTION)
		purlin_note_entries(mm, address, entry, 1);
	else
		/* The last page of the lower half is nobody's: a batch that names it is refused. */
		purlin_note_entries(mm, first, PTR_ALIGN_DOWN(entry, NEIGHBOURS * sizeof(*entry)),
				    min(NEIGHBOURS, (TASK_SIZE_MAX - first) >> PAGE_SHIFT));
	return true;
}

static void kernel_fault(struct pt_regs *regs, unsigned long error, unsigned long address)
{
	if (fixup_exception(regs, X86_TRAP_PF, error, address))
		return;
	current->thread.cr2 = address;
	current->thread.trap_nr = X86_TRAP_PF;
	current->thread.error_code = error;
	pr_alert("BUG: unable to handle page fault for address %016lx (%s)\n", address,
		 error & PF_FETCH ? "fetch" : error & PF_WRITE ? "write" : "read");
	die("page fault", regs, error);
}

static void show_segv(struct pt_regs *regs, unsigned long error, unsigned long address)
{
	if (!show_unhandled_signals || !unhandled_signal(current, SIGSEGV))
		return;
	pr_info_ratelimited("%s[%d]: segfault at %lx ip %016lx sp %016lx error %lx\n",
			    current->comm, task_pid_nr(current), address, regs->ip, regs->sp,
			    error);
}

static void bad_area(struct pt_regs *regs, unsigned long error, unsigned long address, int code)
{
	if (!user_mode(regs)) {
		kernel_fault(regs, error, address);
		return;
	}
	/* Do not tell what is mapped in the kernel half. */
	if (address >= TASK_SIZE_MAX)
		error |= PF_PROTECTION;
	current->thread.cr2 = address;
	current->thread.trap_nr = X86_TRAP_PF;
	current->thread.error_code = error;
	show_segv(regs, error, address);
	force_sig_fault(SIGSEGV, code, (void __user *)address);
}

static void bus_error(struct pt_regs *regs, unsigned long error, unsigned long address)
{
	if (!user_mode(regs)) {
		kernel_fault(regs, error, address);
		return;
	}
	current->thread.cr2 = address;
	current->thread.trap_nr = X86_TRAP_PF;
	current->thread.error_code = error;
	force_sig_fault(SIGBUS, BUS_ADRERR, (void __user *)address);
}

static void failed(struct pt_regs *regs, unsigned long error, unsigned long address,
		   vm_fault_t result)
{
	if (fatal_signal_pending(current) && !user_mode(regs)) {
		kernel_fault(regs, error, address);
		return;
	}
	if (result & VM_FAULT_OOM) {
		if (user_mode(regs))
			pagefault_out_of_memory();
		else
			kernel_fault(regs, error, address);
	} else if (result & (VM_FAULT_SIGBUS | VM_FAULT_HWPOISON | VM_FAULT_HWPOISON_LARGE)) {
		bus_error(regs, error, address);
	} else {
		bad_area(regs, error, address, SEGV_MAPERR);
	}
}

static bool access_allowed(struct vm_area_struct *vma, unsigned long error)
{
	if (error & PF_WRITE)
		return vma->vm_flags & VM_WRITE;
	if (error & PF_FETCH)
		return vma->vm_flags & VM_EXEC;
	return vma_is_accessible(vma);
}

static unsigned int fault_flags(struct pt_regs *regs, unsigned long error)
{
	unsigned int flags = FAULT_FLAG_DEFAULT;

	if (user_mode(regs))
		flags |= FAULT_FLAG_USER;
	if (error & PF_WRITE)
		flags |= FAULT_FLAG_WRITE;
	if (error & PF_FETCH)
		flags |= FAULT_FLAG_INSTRUCTION;
	return flags;
}

#ifdef CONFIG_PER_VMA_LOCK
/* With nothing locked but the area: no thread waits for another's mmap. False: not this way. */
static bool area_fault(struct pt_regs *regs, unsigned long error, unsigned long address,
		       unsigned int *flags)
{
	struct vm_area_struct *vma;
	vm_fault_t result;

	if (!(*flags & FAULT_FLAG_USER))
		return false;
	vma = lock_vma_under_rcu(current->mm, address);
	if (!vma)
		return false;
	if (unlikely(!access_allowed(vma, error))) {
		vma_end_read(vma);
		bad_area(regs, error, address, SEGV_ACCERR);
		return true;
	}
	result = handle_mm_fault(vma, address, *flags | FAULT_FLAG_VMA_LOCK, regs);
	if (!(result & (VM_FAULT_RETRY | VM_FAULT_COMPLETED)))
		vma_end_read(vma);
	if (unlikely(result & VM_FAULT_RETRY)) {
		if (result & VM_FAULT_MAJOR)
			*flags |= FAULT_FLAG_TRIED;
		return fault_signal_pending(result, regs);
	}
	if (unlikely(result & VM_FAULT_ERROR))
		failed(regs, error, address, result);
	return true;
}
#else
static bool area_fault(struct pt_regs *regs, unsigned long error, unsigned long address,
		       unsigned int *flags)
{
	return false;
}
#endif

static void user_address_fault(struct pt_regs *regs, unsigned long error, unsigned long address)
{
	struct mm_struct *mm = current->mm;
	unsigned int flags = fault_flags(regs, error);
	struct vm_area_struct *vma;
	vm_fault_t result;

	perf_sw_event(PERF_COUNT_SW_PAGE_FAULTS, 1, regs, address);
	if (area_fault(regs, error, address, &flags))
		return;
retry:
	vma = lock_mm_and_find_vma(mm, address, regs);
	if (unlikely(!vma)) {
		bad_area(regs, error, address, SEGV_MAPERR);
		return;
	}
	if (unlikely(!access_allowed(vma, error))) {
		mmap_read_unlock(mm);
		bad_area(regs, error, address, SEGV_ACCERR);
		return;
	}
	result = handle_mm_fault(vma, address, flags, regs);
	if (fault_signal_pending(result, regs)) {
		if (!user_mode(regs))
			kernel_fault(regs, error, address);
		return;
	}
	if (result & VM_FAULT_COMPLETED)
		return;
	if (unlikely(result & VM_FAULT_RETRY)) {
		flags |= FAULT_FLAG_TRIED;
		goto retry;
	}
	mmap_read_unlock(mm);
	if (unlikely(result & VM_FAULT_ERROR))
		failed(regs, error, address, result);
}

static void kernel_address_fault(struct pt_regs *regs, unsigned long error, unsigned long address)
{
	/*
	 * An entry made without a hook that hands it over: it is in the
	 * batch, or is noted now. The resume applies both.
	 */
	if (!user_mode(regs) && !(error & PF_PROTECTION) && hand_over(&init_mm, address, error))
		return;
	kprobe_page_fault(regs, X86_TRAP_PF);
	bad_area(regs, error, address, SEGV_MAPERR);
}

/* Called with events disabled; may return with them enabled. */
void purlin_page_fault(struct pt_regs *regs, unsigned long error, unsigned long address)
{
	if (unlikely(address >= TASK_SIZE_MAX)) {
		kernel_address_fault(regs, error, address);
		return;
	}
	/* Linux never executes user memory. */
	if (unlikely(!user_mode(regs) && (error & PF_FETCH))) {
		kernel_fault(regs, error, address);
		return;
	}
	if (likely(current->mm) && hand_over(current->mm, address, error))
		return;
	/* A copied instruction faults on behalf of the probed one: from here on that one has. */
	kprobe_page_fault(regs, X86_TRAP_PF);
	if (unlikely(faulthandler_disabled() || !current->mm)) {
		bad_area(regs, error, address, SEGV_MAPERR);
		return;
	}
	if (!user_mode(regs) && regs_irqs_disabled(regs)) {
		kernel_fault(regs, error, address);
		return;
	}
	local_irq_enable();
	if (user_mode(regs)) {
		current_thread_info()->status |= TS_USER_FAULT;
		user_address_fault(regs, error, address);
		current_thread_info()->status &= ~TS_USER_FAULT;
	} else {
		user_address_fault(regs, error, address);
	}
}
