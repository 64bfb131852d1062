/* SPDX-License-Identifier: MIT */
/* The guest, as data of the component. */
	.section .rodata
	.globl guest_image, guest_image_end
	.balign 4096
guest_image:
	.incbin "build/bench/kernel-guest.bin"
guest_image_end:
	.section .note.GNU-stack, "", @progbits
