# SPDX-License-Identifier: MIT
INIT_SOURCES := $(wildcard init/*.c init/arch/$(ARCH)/*.c)
INIT_CFLAGS = -isystem $$(LIBFDT_SOURCE)
INIT_LIBRARIES := $(B)/lib/libdescription.a $(B)/lib/libfdt.a
$(eval $(call component,init,$(INIT_SOURCES),$(INIT_CFLAGS),$(INIT_LIBRARIES)))
