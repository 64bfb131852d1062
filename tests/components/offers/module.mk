# SPDX-License-Identifier: MIT
# A native component in the place of a Linux that offers devices.
$(eval $(call component,offers-test,tests/components/offers/main.c tests/components/check.c,,))
