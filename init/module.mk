# SPDX-License-Identifier: MIT
$(eval $(call component,init,$(wildcard init/*.c init/arch/$(ARCH)/*.c),-isystem $$(LIBFDT_SOURCE),$(B)/lib/libdescription.a $(B)/lib/libfdt.a))
