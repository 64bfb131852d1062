# SPDX-License-Identifier: MIT
# Two owners of one line; and a platform component that lets the line wait for each owner's ack.
SHARED_LINE := tests/components/shared-line
$(eval $(call component,shared-line,tests/components/check.c tests/components/edu/edu.c $(addprefix $(SHARED_LINE)/,main.c line.c),,))
$(eval $(call component,shared-line-hostile,tests/components/edu/edu.c $(addprefix $(SHARED_LINE)/,hostile.c line.c),,))

PLATFORM_WAITS := $(B)/gen/platform-waits/shared_line.c
$(PLATFORM_WAITS): drivers/platform/shared_line.c
	@mkdir -p $(@D)
	$(Q)sed -e 's/return function->intx_maskable && /return !function->intx_maskable \&\& /' \
		-e 's/|| device->function->intx_maskable)/|| !device->function->intx_maskable)/' \
		-e 's/+ SHARED_LINE_WAIT;/+ 1000 * SHARED_LINE_WAIT;/' $< > $@
	$(Q)! cmp -s $< $@
$(eval $(call component,platform-waits,$(filter-out drivers/platform/shared_line.c,$(sort $(wildcard drivers/platform/*.c))) \
	$(PLATFORM_WAITS),-Idrivers/platform,$(B)/components/interpreter.d/image.o))
