# SPDX-License-Identifier: MIT
# bulkhead's build. `make help` says what there is. New source files need no change here: a program is its room's files (DESIGN.md, "Rooms").
# O=DIR puts everything that is built elsewhere; DEPS=no leaves packages alone (cross builds, other distributions).

O ?= build
DEPS ?= yes
ARCH ?= x86_64
MULTIARCH ?= $(ARCH)-linux-gnu
HOST ?= $(ARCH)-linux-musl
ifeq ($(origin CC),default)
CC := musl-gcc
endif
AR ?= ar
RANLIB ?= ranlib
STRIP ?= strip
NM ?= nm
HOSTCC ?= gcc
PYTHON ?= /usr/bin/python3
PREFIX ?= /usr
DESTDIR ?=
# Debian keeps mkfs and debugfs where an ordinary user's PATH does not lead.
export PATH := $(PATH):/usr/sbin:/sbin
LIB := $(O)/lib/$(ARCH)
# LIBRARIES=system takes inih, libseccomp and libcap from the compiler's own sysroot, as Buildroot and Yocto have them.
LIBRARIES ?= build
LIB_STAMP := $(LIB)/stamp
LIB_READY := $(if $(filter system,$(LIBRARIES)),,$(LIB_STAMP))
# What compiles the rescue plan. When cross building, name one that runs here: RUN_COMPILE=...
RUN_COMPILE ?= $(O)/bulkhead-compile

# --- Flags ----------------------------------------------------------------------------------------------------------------------
WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wswitch-enum -Wmissing-prototypes -Wvla -Werror
AUTOCONF := $(if $(wildcard $(O)/.config),$(O)/autoconf.h)
DEFINES := -D_GNU_SOURCE -I init $(if $(AUTOCONF),-DHAVE_AUTOCONF_H -I $(O))
# The same bytes from any directory at any time: no build paths, no build id.
REPRODUCIBLE := -ffile-prefix-map=$(CURDIR)/=
CFLAGS ?= -Os -g
# Not position-independent: measured on x86_64, static-pie makes init 12.5 kB larger (71 to 83, of that 8 kB relocations), and each cell, one a
# service, would write to two more pages of its own while relocating itself. The stack protector costs 4 kB and turns an overflow into a recovery.
TARGET_CFLAGS := -std=c17 $(CFLAGS) $(WARNINGS) -fno-pie -fstack-protector-strong -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables \
	-fno-unwind-tables $(REPRODUCIBLE) $(DEFINES) -idirafter $(LIB)/kernel
LDFLAGS := -static -no-pie -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,noseparate-code -Wl,-z,noexecstack

# --- Programs -------------------------------------------------------------------------------------------------------------------
sources = $(sort $(wildcard $(addprefix init/,$(1))))
objects = $(patsubst init/%.c,$(O)/obj/%.o,$(1))

BASE := $(call sources,base/*.c)
PLAN_WRITE := $(call sources,plan/write*.c plan/dump*.c)
PLAN_READ := $(filter-out $(PLAN_WRITE),$(call sources,plan/*.c))
APPLY := $(call sources,walls/apply.c walls/*/apply*.c)
COMPILE := $(filter-out $(APPLY),$(call sources,walls/*.c walls/*/*.c))

init_ROOM := $(call sources,pid1/*.c)
init_SOURCES := $(init_ROOM) $(call sources,core/*.c sockets/*.c ctl/request.c) $(PLAN_READ) $(BASE) $(call sources,walls/cgroup/apply*.c walls/apply.c)
bulkhead-cell_ROOM := $(call sources,cell/*.c)
bulkhead-cell_SOURCES := $(bulkhead-cell_ROOM) $(APPLY) $(PLAN_READ) $(BASE)
bulkhead-compile_ROOM := $(call sources,compile/*.c)
bulkhead-compile_SOURCES := $(bulkhead-compile_ROOM) $(COMPILE) $(PLAN_READ) $(PLAN_WRITE) $(BASE)
bulkhead-compile_LIBS := -L$(LIB)/lib -linih -lseccomp -lcap
bulkhead-log_ROOM := $(call sources,log/*.c)
bulkhead-log_SOURCES := $(bulkhead-log_ROOM) $(BASE)
bulkhead-try_ROOM := $(call sources,try/*.c)
bulkhead-try_SOURCES := $(bulkhead-try_ROOM) $(call sources,sockets/*.c walls/cgroup/apply*.c walls/apply.c) $(PLAN_READ) $(BASE)
bulkctl_ROOM := $(call sources,ctl/*.c)
bulkctl_SOURCES := $(bulkctl_ROOM) $(PLAN_READ) $(call sources,plan/dump*.c core/names.c) $(BASE)

PROGRAMS := $(foreach p,init bulkhead-cell bulkhead-compile bulkhead-log bulkhead-try bulkctl,$(if $($(p)_ROOM),$(p)))
BINARIES := $(addprefix $(O)/,$(PROGRAMS))

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all deps libraries install install-selinux image demo check lint format unit simulate golden vm bench size clean help defconfig menuconfig savedefconfig

# bulkhead.service(5): its frame, and the directives as the compiler's own table has them.
MANUALS := $(patsubst init/man/%.in,$(O)/man/%,$(if $(bulkhead-compile_ROOM),$(wildcard init/man/*.in)))
all: $(BINARIES) $(MANUALS) ## the static programs and the manual (default)
$(O)/man/%: init/man/%.in $(RUN_COMPILE)
	@mkdir -p $(@D)
	@$(RUN_COMPILE) --list-directives --mdoc >$@.directives
	@sed -e '/@DIRECTIVES@/{r $@.directives' -e 'd}' $< >$@
	@rm $@.directives

define program
$(O)/unstripped/$(1): $(call objects,$($(1)_SOURCES)) $($(1)_EXTRA)
	@mkdir -p $$(@D)
	@echo "  LINK    $(1)"
	@$$(CC) $$(LDFLAGS) -Wl,-Map=$$@.map -o $$@ $$(filter %.o,$$^) $$($(1)_LIBS)
$(O)/$(1): $(O)/unstripped/$(1)
	@$$(STRIP) -s -R .comment -R .note.gnu.property -o $$@ $$<
endef
init_EXTRA := $(O)/obj/rescue_plan.o
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p))))

# Only what compiles plans sees the headers of inih, libseccomp and libcap.
with_libraries = $(if $(filter init/compile/%,$<)$(filter $(COMPILE),$<),-I $(LIB)/include)
$(O)/obj/%.o: init/%.c Makefile $(AUTOCONF) | $(LIB_READY)
	@mkdir -p $(@D)
	@echo "  CC      $*"
	@$(CC) $(TARGET_CFLAGS) $(with_libraries) -MMD -MP -c -o $@ $<

# The plan that is left when there is no other: compiled at build time, part of PID 1's read-only data.
RESCUE := $(wildcard init/pid1/rescue.ini)
$(O)/rescue.plan: $(RESCUE) $(if $(and $(RESCUE),$(bulkhead-compile_ROOM)),$(RUN_COMPILE)) | $(LIB_READY)
	$(if $(and $(RESCUE),$(bulkhead-compile_ROOM)),@echo "  PLAN    rescue" && $(RUN_COMPILE) --output $@ --file $(RESCUE),\
		@echo "  PLAN    rescue is EMPTY: no bulkhead-compile or no init/pid1/rescue.ini" && : >$@)
$(O)/obj/rescue_plan.o: $(O)/rescue.plan
	@mkdir -p $(@D)
	@printf '%s\n' '.section .rodata.rescue_plan,"a"' '.balign 8' '.globl rescue_plan, rescue_plan_end' 'rescue_plan:' \
		'.incbin "$<"' 'rescue_plan_end:' '.section .note.GNU-stack,"",%progbits' | $(CC) -c -x assembler -o $@ -

-include $(shell find $(O)/obj $(O)/unit $(O)/simulate -name '*.d' 2>/dev/null)

# --- What it is built with ------------------------------------------------------------------------------------------------------
deps: ## installs the Debian packages that are lacking
	@board/host/install-packages build demo check
$(O)/.deps-%: board/host/install-packages
	@mkdir -p $(@D)
	@$(if $(filter no,$(DEPS)),:,board/host/install-packages $*)
	@touch $@
libraries: $(LIB_STAMP)
$(LIB_STAMP): board/host/build-libraries | $(O)/.deps-build
	@CC='$(CC)' AR='$(AR)' RANLIB='$(RANLIB)' HOST=$(HOST) MULTIARCH=$(MULTIARCH) board/host/build-libraries $(LIB)
	@touch $@

# The bounds (Kconfig). Without O/.config the defaults of init/base/config.h hold, and nothing but make is needed.
KCONFIG := KCONFIG_CONFIG=$(O)/.config PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m
BOARD ?= qemu-x86_64
defconfig: $(O)/.deps-check ## O/.config from board/BOARD/defconfig; then menuconfig, savedefconfig
	$(KCONFIG) defconfig --kconfig Kconfig board/$(BOARD)/defconfig
menuconfig: $(O)/.deps-check
	$(KCONFIG) menuconfig Kconfig
savedefconfig: $(O)/.deps-check
	$(KCONFIG) savedefconfig --kconfig Kconfig --out board/$(BOARD)/defconfig
$(O)/autoconf.h: $(O)/.config Kconfig | $(O)/.deps-check
	@$(KCONFIG) genconfig --header-path $@ Kconfig

# --- Tests ----------------------------------------------------------------------------------------------------------------------
# A test's first line names what it is linked with: `// needs: base/num.c base/span.c`, relative to init/ (or tests/…, or -lLIBRARY).
HOST_CFLAGS := -std=gnu17 -g -O1 $(WARNINGS) $(REPRODUCIBLE) $(DEFINES) -I tests
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
unit_FLAGS := $(SANITIZE)
simulate_FLAGS := -O2 $(if $(filter 1,$(SAN)),$(SANITIZE))
needs = $(shell sed -n '1s,^// needs:,,p' $(1))
host_objects = $(addprefix $(O)/$(1)/obj/,$(patsubst %.c,%.o,$(foreach f,$(filter %.c,$(call needs,$(2))),$(if $(filter tests/%,$(f)),$(f),init/$(f))) $(2)))

define host_tests
$(1)_TESTS := $$(sort $$(wildcard tests/$(1)/*.c))
$(1)_TESTS := $$(foreach t,$$($(1)_TESTS),$$(if $$(call needs,$$(t)),$$(t)))
$(1)_BINARIES := $$(patsubst tests/$(1)/%.c,$(O)/$(1)/%,$$($(1)_TESTS))
$(O)/$(1)/obj/%.o: %.c Makefile $(AUTOCONF) | $(O)/.deps-check
	@mkdir -p $$(@D)
	@$(HOSTCC) $(HOST_CFLAGS) $$($(1)_FLAGS) -MMD -MP -c -o $$@ $$<
$$(foreach t,$$($(1)_TESTS),$$(eval $$(patsubst tests/$(1)/%.c,$(O)/$(1)/%,$$(t)): $$(call host_objects,$(1),$$(t))))
$$(foreach t,$$($(1)_TESTS),$$(eval $$(patsubst tests/$(1)/%.c,$(O)/$(1)/%,$$(t)): LIBRARIES := $$(filter -l%,$$(call needs,$$(t)))))
$$($(1)_BINARIES):
	@$(HOSTCC) $$($(1)_FLAGS) -o $$@ $$^ -lcmocka $$(LIBRARIES)
$(1): $$($(1)_BINARIES)
	@tests/tally $(O) $(1) tests/run-programs $$^
endef
$(eval $(call host_tests,unit))
$(eval $(call host_tests,simulate))
unit: | all ## unit tests (cmocka), with sanitizers
simulate: ## random histories of the core; SAN=1 with sanitizers

golden: all ## service files against the plans and diagnostics they must give
	@O=$(O) tests/tally $(O) golden tests/golden/run
vm: image ## the booted appliance, tested from inside and outside
	@O=$(abspath $(O)) PYTHONDONTWRITEBYTECODE=1 tests/tally $(O) vm $(PYTHON) -m pytest -p no:cacheprovider -q -ra tests/vm
lint: all $(O)/.deps-demo $(O)/.deps-check ## include rule, symbol fence, formatting, static analysis; $(O)/results/lint.log has it all
	@O=$(O) LIB=$(LIB) NM=$(NM) tests/tally $(O) lint tests/lint/run
format: $(O)/.deps-check ## formats C files: FILES="a.c b.h", or all
	clang-format -i $(or $(FILES),$(shell find init tests -name '*.[ch]'))
STAGES ?= lint unit simulate golden vm
check: $(O)/.deps-build $(O)/.deps-demo $(O)/.deps-check ## everything above; the totals are the last line
	@rm -rf $(O)/results
	@for stage in $(STAGES); do $(MAKE) --no-print-directory O=$(O) $$stage; done; tests/tally --total $(O) $(STAGES)
bench: all image ## guest time to 50 walled services (QEMU -icount)
	@O=$(abspath $(O)) tests/bench/run $(O)
size: all ## sizes of the programs: in flash, and in memory where a VM can run
	@O=$(O) tests/size $(PROGRAMS)

# --- The appliance --------------------------------------------------------------------------------------------------------------
image: all $(O)/.deps-demo ## the firmware image for QEMU
	@board/qemu-x86_64/mkimage $(O)
demo: image ## boots it: console on a terminal, a checked tour without one
	@board/qemu-x86_64/run $(O)

LIBEXEC := $(DESTDIR)$(PREFIX)/lib/bulkhead
install: all ## into DESTDIR; PREFIX=/usr, PID 1 always as /sbin/init
	install -d $(DESTDIR)/sbin $(DESTDIR)$(PREFIX)/bin $(LIBEXEC)/services.d $(LIBEXEC)/profiles.d $(DESTDIR)/etc/bulkhead/services.d
	install -m 755 $(O)/init $(DESTDIR)/sbin/init
	for name in poweroff reboot halt shutdown; do ln -sf init $(DESTDIR)/sbin/$$name; done
	install -m 755 $(O)/bulkctl $(DESTDIR)$(PREFIX)/bin/bulkctl
	install -m 755 $(O)/bulkhead-cell $(O)/bulkhead-compile $(O)/bulkhead-log $(O)/bulkhead-try $(LIBEXEC)/
	for file in $(wildcard services.d/*.ini); do install -m 644 $$file $(LIBEXEC)/services.d/; done
	for file in $(wildcard profiles.d/*.ini); do install -m 644 $$file $(LIBEXEC)/profiles.d/; done
	for page in $(wildcard init/man/*.[1-8]) $(MANUALS); do install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man$${page##*.} $$page; done

# For the machine that builds images (Buildroot, Yocto): $(SELINUXDIR)/build makes a device's policy from it. Nothing on a device needs it.
SELINUXDIR := $(DESTDIR)$(PREFIX)/share/bulkhead/selinux
install-selinux: ## the SELinux policy's sources, for the build of a device's policy
	install -d $(SELINUXDIR)/services
	install -m 755 rootfs/selinux/build $(SELINUXDIR)/build
	install -m 644 $(filter-out %/tests.cil,$(wildcard rootfs/selinux/*.cil)) rootfs/selinux/config rootfs/selinux/file_contexts \
		rootfs/selinux/init_contexts rootfs/selinux/README.md $(SELINUXDIR)/
	install -m 644 rootfs/selinux/services/*.cil $(SELINUXDIR)/services/

clean: ## removes what was built, keeps the libraries
	rm -rf $(filter-out $(O)/lib,$(wildcard $(O)/*)) $(O)/.deps-*
help: ## this text
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 18
	@echo "Variables: O=$(O) DESTDIR= PREFIX=$(PREFIX) DEPS=$(DEPS) CC=$(CC) ARCH=$(ARCH)"
