# SPDX-License-Identifier: MIT
# Fuzz targets: build/fuzz/NAME, programs of libFuzzer under ASan and UBSan. With FAULT=NAME,
# build/fuzz/fault/NAME/TARGET is the same with that deliberate fault: what its patch touches lies
# changed in build/fuzz/fault/NAME/tree (tools/purlin/fuzz.py puts it there).

FZ := $(B)/fuzz
FUZZ_CC := clang
FUZZ_CFLAGS := -std=gnu17 -O1 -g $(WARNINGS) -fsanitize=address,undefined \
	-fno-sanitize-recover=all -fno-omit-frame-pointer -MMD -MP -Itests/fuzz -Iabi -I$(B)/gen
FUZZ_LDFLAGS := -fsanitize=fuzzer,address,undefined
FUZZ_TARGETS :=
# Sources whose coverage does not count: what only checks, and would take most of the time.
FUZZ_UNSEEN :=
fuzz_seen = $(if $(filter $<,$(FUZZ_UNSEEN)),,-fsanitize=fuzzer-no-link)

FAULT :=
FAULT_FOLDER := $(FZ)/fault/$(FAULT)
FAULTY := $(if $(FAULT),$(patsubst $(FAULT_FOLDER)/tree/%,%,$(shell find $(FAULT_FOLDER)/tree -type f)))
# $(call faulty,SOURCES): those that the fault changes; all where it changes a header.
faulty = $(if $(filter %.h,$(FAULTY)),$(1),$(filter $(FAULTY),$(1)))
# $(call fault_first,FLAGS): headers of the changed tree are found before ours.
fault_first = $(patsubst -I%,-I$(FAULT_FOLDER)/tree/%,$(filter -I%,$(1)))

# What an object or program comes from beside files: its sources and options. A file of that is written
# when it changes, so that what came of other sources or options is made again.
fuzz_made = $(FUZZ_CC) $(FUZZ_CFLAGS) $(FUZZ_LDFLAGS) $(FUZZ_OWN_$(1)) \
	$(foreach source,$(FUZZ_SOURCES_$(1)),$(source): $(FUZZ_FLAGS_$(source)))
# $(call fuzz_note,FILE,TEXT)
fuzz_note = $(if $(subst <$(strip $(2))>,,<$(strip $(file <$(1)))>),$(shell mkdir -p $(dir $(1)))$(file >$(1),$(strip $(2))))

# $(eval $(call fuzz_target,NAME,SOURCES,EXTRA-CFLAGS,EXTRA-LDFLAGS)). FUZZ_SAYS_NAME is the sentence
# that the front door shows, FUZZ_RUN_NAME further options of libFuzzer, FUZZ_FLAGS_FILE further
# CFLAGS of one source.
define fuzz_target
FUZZ_SOURCES_$(1) := $(2)
FUZZ_OWN_$(1) := $(3) $(4)
$(FZ)/$(1).d/%.o: %.c $(GEN) tests/fuzz/module.mk $(FZ)/$(1).made
	$$(call say,FUZZCC,$$<)
	@mkdir -p $$(dir $$@)
	$$(Q)$$(FUZZ_CC) $$(FUZZ_CFLAGS) $$(fuzz_seen) $(3) $$(FUZZ_FLAGS_$$<) -c -o $$@ $$<
$(FZ)/$(1): $(call objects,fuzz/$(1).d,$(2)) $(FZ)/$(1).made
	$$(call say,FUZZLD,$$@)
	$$(Q)$$(FUZZ_CC) $$(FUZZ_LDFLAGS) $(4) -o $$@ $$(filter %.o,$$^)
$(FAULT_FOLDER)/$(1).d/%.o: %.c $(GEN) tests/fuzz/module.mk $(FAULT_FOLDER)/$(1).made \
		$(addprefix $(FAULT_FOLDER)/tree/,$(FAULTY))
	$$(call say,FAULTCC,$$<)
	@mkdir -p $$(dir $$@)
	$$(Q)$$(FUZZ_CC) $$(call fault_first,$$(FUZZ_CFLAGS) $(3)) -iquote $$(dir $$<) $$(FUZZ_CFLAGS) $$(fuzz_seen) $(3) \
		$$(FUZZ_FLAGS_$$<) -c -o $$@ $$(firstword $$(wildcard $(FAULT_FOLDER)/tree/$$<) $$<)
$(FAULT_FOLDER)/$(1): $(call objects,fuzz/fault/$(FAULT)/$(1).d,$(call faulty,$(2))) \
		$(call objects,fuzz/$(1).d,$(filter-out $(call faulty,$(2)),$(2))) $(FAULT_FOLDER)/$(1).made
	$$(call say,FAULTLD,$$@)
	$$(Q)$$(FUZZ_CC) $$(FUZZ_LDFLAGS) $(4) -o $$@ $$(filter %.o,$$^)
FUZZ_TARGETS += $(1)
-include $(patsubst %.o,%.d,$(call objects,fuzz/$(1).d,$(2)) $(if $(FAULT),$(call objects,fuzz/fault/$(FAULT)/$(1).d,$(2))))
endef

include $(sort $(wildcard tests/fuzz/*/targets.mk))

# Of those that are asked for; with a fault its program takes most objects from the one without.
$(foreach name,$(FUZZ_TARGETS),$(if $(filter fuzz-targets %/$(name),$(MAKECMDGOALS)), \
	$(call fuzz_note,$(FZ)/$(name).made,$(call fuzz_made,$(name))) \
	$(if $(FAULT),$(call fuzz_note,$(FAULT_FOLDER)/$(name).made,$(call fuzz_made,$(name)) but $(FAULTY)))))

.PHONY: list-fuzz-targets fuzz-targets
# One line each: name, options of libFuzzer, sentence.
list-fuzz-targets:
	@:$(foreach name,$(FUZZ_TARGETS),;echo '$(name)|$(FUZZ_RUN_$(name))|$(FUZZ_SAYS_$(name))')
fuzz-targets: $(addprefix $(FZ)/,$(FUZZ_TARGETS))
