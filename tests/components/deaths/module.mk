# SPDX-License-Identifier: MIT
# Deaths at every message: servers as they ship, with a loop that dies; init and core with a census.
# $(call wrapped,FUNCTION): calls of it go to __wrap_FUNCTION().
wrapped = -Wl$(comma)--wrap=$(1)
DEATHS := tests/components/deaths
DEADLY := -Wno-infinite-recursion

# $(eval $(call fatal,NAME,FAULT,SOURCES,EXTRA-CFLAGS,EXTRA-LIBRARIES))
fatal = $(call component,$(1),$(3) $(addprefix $(DEATHS)/,fate.c die.c seeded_$(2).c),$(4) $(DEADLY),$(5),$(call wrapped,server_loop))
$(eval $(call fatal,uart-fatal,none,$(UART_SOURCES),,))
$(eval $(call fatal,platform-fatal,none,$(PLATFORM_SOURCES),$(PLATFORM_CFLAGS),$(PLATFORM_LIBRARIES)))
$(foreach fault,none leak silence,$(eval \
	$(call fatal,echo-fatal-$(fault),$(fault),tests/components/echo-server/main.c,,)))

FATES := tests/components/check.c $(DEATHS)/fates.c
$(eval $(call component,fates,$(FATES) $(DEATHS)/stages.c,,))
$(eval $(call component,fates-short,$(FATES) $(DEATHS)/stages_short.c,,))
$(eval $(call component,visitor,tests/components/check.c $(addprefix $(DEATHS)/,visitor.c visit.c die.c),$(DEADLY),,$(call wrapped,rpc_exchange)))

INIT_CENSUS := $(INIT_SOURCES) $(DEATHS)/census.c $(DEATHS)/init_census.c
$(eval $(call component,init-census,$(INIT_CENSUS),$(INIT_CFLAGS),$(INIT_LIBRARIES),$(call wrapped,route_open)))
$(eval $(call component,init-census-leak,$(INIT_CENSUS) $(DEATHS)/seeded_init.c,$(INIT_CFLAGS),$(INIT_LIBRARIES),\
	$(call wrapped,route_open) $(call wrapped,route_withdraw)))
$(eval $(call component,core-census,$(CORE_SOURCES) $(DEATHS)/census.c $(DEATHS)/core_census.c,,,$(call wrapped,session_create)))

# For Linux's lives (tests/suites/mortal.py): who serves it, with a census at each.
$(eval $(call component,init-lives,$(INIT_SOURCES) $(addprefix $(DEATHS)/,census.c init_lives.c),$(INIT_CFLAGS),$(INIT_LIBRARIES),\
	$(call wrapped,route_await_devices)))
# $(eval $(call lives,NAME,FAULT,SOURCES,EXTRA-CFLAGS,EXTRA-LIBRARIES))
lives = $(call component,$(1),$(3) $(addprefix $(DEATHS)/,census.c server_lives.c seeded_$(2).c),$(4),$(5),$(call wrapped,server_loop))
$(eval $(call lives,uart-lives,none,$(UART_SOURCES),,))
$(eval $(call lives,platform-lives,none,$(PLATFORM_SOURCES),$(PLATFORM_CFLAGS),$(PLATFORM_LIBRARIES)))
$(eval $(call lives,platform-lives-leak,leak,$(PLATFORM_SOURCES),$(PLATFORM_CFLAGS),$(PLATFORM_LIBRARIES)))
