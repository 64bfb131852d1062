# SPDX-License-Identifier: MIT
# Native test components.
$(eval $(call component,hello,tests/components/hello/main.c,,))
$(eval $(call component,session-test,tests/components/check.c $(wildcard tests/components/session-test/*.c),,))
$(eval $(call component,call-test,tests/components/check.c $(wildcard tests/components/call-test/*.c),,))
