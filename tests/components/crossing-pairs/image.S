/* SPDX-License-Identifier: MIT */
/* The guest image, as data of the component. */
	.section .rodata
	.globl guest_image, guest_image_end
	.balign 4096
guest_image:
	.incbin "build/tests/pair-image.bin"
guest_image_end:
	.section .note.GNU-stack, "", @progbits
