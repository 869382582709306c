# SPDX-License-Identifier: MIT
# bulkhead's build. `make help` says what there is. New source files need no change here: a program is the files of its rooms (tests/lint/includes).
# O=DIR puts everything that is built elsewhere; DEPS=no leaves packages alone (cross builds, other distributions).

# BOARD=NAME builds for the device that board/NAME describes; each but the first one has a directory of its own in O.

O ?= build
DEPS ?= yes
BOARD ?= qemu-x86_64
OUT := $(O)
BOARDS := $(sort $(patsubst board/%/board.conf,%,$(wildcard board/*/board.conf)))
ifneq ($(word 2,$(O)),)
$(error O=$(O): make cannot build in a path with a blank. The tree itself may have one)
endif
ifneq ($(BOARD),qemu-x86_64)
OUT := $(patsubst %/$(BOARD),%,$(O))
override O := $(OUT)/$(BOARD)
endif
comma := ,
of_board = $(shell sed -n 's/^$(1) *= *//p' board/$(BOARD)/board.conf 2>/dev/null)
ifeq ($(origin ARCH),undefined)
ARCH := $(or $(call of_board,ARCH),$(error BOARD=$(BOARD): no board/$(BOARD)/board.conf names its ARCH. Boards: $(BOARDS)))
endif
# What there are tables of system calls for.
ifeq ($(filter x86_64 aarch64 arm%,$(ARCH)),)
$(error ARCH=$(ARCH): bulkhead runs on x86_64, aarch64 and arm alone)
endif
# What bulkhead-compile calls it, and what Debian does.
PLAN_ARCH := $(if $(filter arm%,$(ARCH)),arm,$(ARCH))
MULTIARCH ?= $(if $(filter arm%,$(ARCH)),arm-linux-gnueabihf,$(ARCH)-linux-gnu)
HOST ?= $(if $(filter arm%,$(ARCH)),arm-linux-musleabihf,$(ARCH)-linux-musl)
BUILD_ARCH := $(shell uname -m)
LIB := $(OUT)/lib/$(ARCH)
# Debian's compiler for this machine with its musl, or for another one with Debian's musl for that (board/host).
ifneq ($(ARCH),$(BUILD_ARCH))
ifndef CROSS_COMPILE
FOREIGN := $(patsubst aarch64,arm64,$(patsubst arm%,armhf,$(patsubst x86_64,amd64,$(ARCH))))
TOOLS := $(MULTIARCH)-
endif
endif
ifeq ($(origin CC),default)
ifneq ($(and $(TOOLS),$(word 2,$(CURDIR))),)
$(error $(CURDIR): for $(ARCH) a tree in a path with a blank takes CROSS_COMPILE or CC)
endif
CC := $(if $(TOOLS),$(CURDIR)/board/host/musl-gcc $(abspath $(LIB)) $(MULTIARCH),musl-gcc)
endif
ifeq ($(origin AR),default)
AR := $(TOOLS)ar
endif
RANLIB ?= $(TOOLS)ranlib
STRIP ?= $(TOOLS)strip
NM ?= $(TOOLS)nm
HOSTCC ?= gcc
PYTHON ?= /usr/bin/python3
PREFIX ?= /usr
VERSION := $(shell sed -n 's/^.define BULKHEAD_VERSION "\(.*\)"/\1/p' init/base/version.h)
DESTDIR ?=
# Debian keeps mkfs where an ordinary user's PATH does not lead.
export PATH := $(PATH):/usr/sbin:/sbin
# LIBRARIES=system takes inih, libseccomp and libcap as pkg-config knows them, as Buildroot, Yocto and distributions have them.
LIBRARIES ?= build
LIB_STAMP := $(LIB)/stamp
LIB_READY := $(if $(filter system,$(LIBRARIES)),,$(LIB_STAMP))
# What compiles plans here, on the machine that builds: made with the same bounds; for other build systems that of `make host-tools`,
# or RUN_COMPILE=...
ifeq ($(origin RUN_COMPILE),undefined)
ifneq ($(or $(CROSS_COMPILE),$(if $(FOREIGN),$(filter system,$(LIBRARIES)))),)
RUN_COMPILE := $(O)/host/bulkhead-compile
else
RUN_COMPILE := $(if $(FOREIGN),$(if $(wildcard $(O)/.config),$(O)/native,$(OUT)),$(O))/bulkhead-compile
NATIVE_COMPILE := $(if $(FOREIGN),$(RUN_COMPILE))
endif
endif

# --- Other build systems (Buildroot, Yocto, distributions) ----------------------------------------------------------------------
# CROSS_COMPILE=PREFIX- names the tools as in the kernel's build; a tool that is named itself counts before it. HOST… is the machine that builds.
tool = $(if $(and $(CROSS_COMPILE),$(filter file default,$(origin $(1)))),$(eval $(1) := $(CROSS_COMPILE)$(2)))
$(call tool,CC,gcc)$(call tool,AR,ar)$(call tool,RANLIB,ranlib)$(call tool,STRIP,strip)$(call tool,NM,nm)
PKG_CONFIG ?= $(if $(and $(CROSS_COMPILE),$(shell command -v $(CROSS_COMPILE)pkg-config)),$(CROSS_COMPILE))pkg-config
HOSTPKG_CONFIG ?= pkg-config
HOSTCFLAGS ?= -O2
# WERROR= for compilers that warn of more than ours; WITHOUT="bulkhead-compile bulkhead-try": programs that this device does without.
WERROR ?= -Werror
WITHOUT ?=
# The flags are asked for once, and only if something is to be built with them.
libraries_of = $(or $(shell $(1) inih libseccomp libcap),$(error `$(1) inih libseccomp libcap` found nothing))
SYSTEM_CFLAGS = $(eval SYSTEM_CFLAGS := $(shell $(PKG_CONFIG) --cflags inih libseccomp libcap))$(SYSTEM_CFLAGS)
SYSTEM_LIBS = $(eval SYSTEM_LIBS := $(call libraries_of,$(PKG_CONFIG) --static --libs))$(SYSTEM_LIBS)
HOST_SYSTEM_CFLAGS = $(eval HOST_SYSTEM_CFLAGS := $(shell $(HOSTPKG_CONFIG) --cflags inih libseccomp libcap))$(HOST_SYSTEM_CFLAGS)
HOST_SYSTEM_LIBS = $(eval HOST_SYSTEM_LIBS := $(call libraries_of,$(HOSTPKG_CONFIG) --libs))$(HOST_SYSTEM_LIBS)

# --- Flags ----------------------------------------------------------------------------------------------------------------------
WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wswitch-enum -Wmissing-prototypes -Wvla $(WERROR)
AUTOCONF := $(if $(wildcard $(O)/.config),$(O)/autoconf.h)
# What Kconfig has switched off (OFF). Without O/.config that is what init/base/config.h says, and nothing but make is needed.
ifdef AUTOCONF
include $(O)/autoconf.mk
else
OFF := $(shell sed -n 's/^.define CONFIG_\([A-Z0-9_]*\) 0\>.*/\1/p' init/base/config.h)
endif
DEFINES := -D_GNU_SOURCE -I init $(if $(AUTOCONF),-DHAVE_AUTOCONF_H -I $(O))
# The same bytes from any directory at any time: no build paths, no build id.
REPRODUCIBLE := '-ffile-prefix-map=$(CURDIR)/='
CFLAGS ?= -Os -g
# Not position-independent: measured on x86_64, static-pie makes init 12.5 kB larger (71 to 83, of that 8 kB relocations), and each cell, one a
# service, would write to two more pages of its own while relocating itself. The stack protector costs 4 kB and turns an overflow into a recovery.
TARGET_CFLAGS := -std=c17 $(CPPFLAGS) $(CFLAGS) $(WARNINGS) -fno-pie -fstack-protector-strong -ffunction-sections -fdata-sections \
	-fno-asynchronous-unwind-tables -fno-unwind-tables $(REPRODUCIBLE) $(DEFINES) -idirafter $(LIB)/kernel
# The largest pages that the board's kernel may have, in kB, where its processor has a choice: programs are padded to it, and do not
# start on larger ones.
PAGE_KB ?= $(call of_board,PAGE_KB)
STATIC_LDFLAGS := -static -no-pie -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,noseparate-code -Wl,-z,noexecstack \
	$(if $(PAGE_KB),-Wl$(comma)-z$(comma)max-page-size=$(shell expr $(PAGE_KB) \* 1024))

# --- Options --------------------------------------------------------------------------------------------------------------------
# The files of an option, which are left out with it; where another takes its place it stands behind a +.
LEFT_OUT :=
room = $(patsubst init/%,%,$(wildcard init/$(1)/*.c))
# A report, with the part that each wall has of it.
report = $(call room,report/$(1)) $(patsubst init/%,%,$(wildcard init/walls/*/report_$(1)*.c))
is_off = $(filter $(1),$(OFF))
there = $(if $(wildcard init/$(1)),,$(error LEFT_OUT: there is no init/$(1)))
without = $(foreach f,$(patsubst +%,%,$(2)),$(call there,$(f)))$(addprefix init/,$(if $(is_off),$(filter-out +%,$(2)),\
	$(patsubst +%,%,$(filter +%,$(2)))))
LEFT_OUT += $(call without,INTERFACES,walls/network/apply_configure.c walls/network/apply_link.c walls/network/apply_message.c \
	walls/network/compile_veth.c)
LEFT_OUT += $(call without,LANDLOCK,walls/landlock/apply.c walls/landlock/compile.c)
LEFT_OUT += $(call without,SELINUX,$(call room,pid1/selinux) +pid1/boot/policy_none.c walls/selinux/apply.c)
LEFT_OUT += $(call without,SELINUX_MODULES,$(call report,selinux))
LEFT_OUT += $(call without,CGROUP_BPF,walls/cgroup/apply_program.c walls/cgroup/compile_program.c walls/cgroup/compile_device.c)
LEFT_OUT += $(call without,CGROUP_IO,walls/cgroup/apply_disk.c walls/cgroup/compile_disk.c)
LEFT_OUT += $(call without,ROOT_IMAGE,walls/filesystem/apply_image.c)
LEFT_OUT += $(call without,OLD_MOUNT,walls/filesystem/apply_old.c)
LEFT_OUT += $(call without,CONDITIONS,pid1/service/conditions.c)
LEFT_OUT += $(call without,STORAGE,compile/machine/data.c compile/machine/data_encode.c pid1/boot/data.c +pid1/boot/data_none.c $(call room,data))
LEFT_OUT += $(call without,TIMERS,ctl/timers.c core/elapse.c pid1/service/timers.c compile/check/timer_check.c report/calendar/calendar.c)
LEFT_OUT += $(call without,MODULES,compile/machine/modules.c)
LEFT_OUT += $(call without,WATCHDOG,pid1/watchdog.c)
LEFT_OUT += $(call without,COMPILER,ctl/compiler.c)
LEFT_OUT += $(call without,RELOAD,ctl/diff.c ctl/diff_compile.c ctl/diff_names.c ctl/reload.c compile/emit/merge.c $(call room,pid1/renew) $(call room,renew))
LEFT_OUT += $(call without,EXPLAIN,$(call report,explain))
LEFT_OUT += $(call without,IN_FORCE,$(call report,inforce))
LEFT_OUT += $(call without,SECURITY,$(call report,security))
LEFT_OUT += $(call without,TRY,ctl/try.c $(call room,try))
LEFT_OUT += $(call without,LEARN,ctl/learn.c ctl/learn_rounds.c cell/learn.c try/learn.c try/learn_path.c try/learn_record.c $(call room,report/learned))
LEFT_OUT += $(call without,PLAN_DUMP,plan/dump.c plan/dump_record.c)
LEFT_OUT += $(call without,MANUAL,compile/read/directives_list.c)
LEFT_OUT += $(call without,KERNEL_CHECK,ctl/kernel.c ctl/kernel_config.c ctl/kernel_table.c)

# --- Programs -------------------------------------------------------------------------------------------------------------------
sources = $(filter-out $(LEFT_OUT),$(sort $(wildcard $(addprefix init/,$(1)))))
objects = $(patsubst init/%.c,$(O)/obj/%.o,$(1))

BASE := $(call sources,base/*.c)
PLAN_WRITE := $(call sources,plan/write*.c plan/dump*.c)
PLAN_READ := $(filter-out $(PLAN_WRITE),$(call sources,plan/*.c))
APPLY := $(call sources,walls/apply.c walls/*/apply*.c)
RENEW := $(call sources,renew/*.c)
COMPILE := $(filter-out $(APPLY),$(call sources,walls/*.c walls/*/*.c))

init_ROOM := $(call sources,pid1/*.c pid1/*/*.c)
init_SOURCES := $(init_ROOM) $(call sources,core/*.c engine/*.c sockets/*.c ctl/request.c walls/cgroup/apply*.c walls/apply.c) \
	$(RENEW) $(PLAN_READ) $(BASE)
bulkhead-cell_ROOM := $(call sources,cell/*.c)
bulkhead-cell_SOURCES := $(bulkhead-cell_ROOM) $(APPLY) $(PLAN_READ) $(BASE)
bulkhead-compile_ROOM := $(call sources,compile/*.c compile/*/*.c report/*/*.c print/*.c)
bulkhead-compile_SOURCES := $(bulkhead-compile_ROOM) $(COMPILE) $(RENEW) $(PLAN_READ) $(PLAN_WRITE) $(BASE)
bulkhead-compile_LIBS = $(if $(filter system,$(LIBRARIES)),$(SYSTEM_LIBS),-L$(LIB)/lib -linih -lseccomp -lcap)
bulkhead-log_ROOM := $(call sources,log/*.c)
bulkhead-log_SOURCES := $(bulkhead-log_ROOM) $(BASE)
bulkhead-try_ROOM := $(call sources,try/*.c)
bulkhead-try_SOURCES := $(bulkhead-try_ROOM) $(call sources,core/*.c engine/*.c sockets/*.c walls/cgroup/apply*.c walls/apply.c) \
	$(PLAN_READ) $(BASE)
bulkhead-data_ROOM := $(call sources,data/*.c)
bulkhead-data_SOURCES := $(bulkhead-data_ROOM) $(PLAN_READ) $(BASE)
bulkctl_ROOM := $(call sources,ctl/*.c)
bulkctl_SOURCES := $(bulkctl_ROOM) $(RENEW) $(PLAN_READ) $(call sources,plan/dump*.c core/traits.c print/*.c) $(BASE)

PROGRAMS := $(foreach p,init bulkhead-cell bulkhead-compile bulkhead-log bulkhead-data bulkhead-try bulkctl,$(if $($(p)_ROOM),$(p)))
PROGRAMS := $(filter-out $(WITHOUT),$(PROGRAMS))
BINARIES := $(addprefix $(O)/,$(PROGRAMS))

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all deps libraries host-tools install install-host install-selinux packages image demo check lint format unit simulate quick pid1
.PHONY: faults fuzz fuzz-corpus golden arm tour reproducible reproducible-image vm crowd bench size clean help options options-sample
.PHONY: option-sizes inih kernels buildroot uninstall dist distclean

# bulkhead.service(5): its frame, and the directives as the compiler's own table has them.
MANUALS := $(if $(call is_off,MANUAL),,$(patsubst init/man/%.in,$(O)/man/%,$(if $(bulkhead-compile_ROOM),$(wildcard init/man/*.in))))
all: $(BINARIES) $(MANUALS) ## the static programs and the manual (default)
$(O)/man/%: init/man/%.in $(RUN_COMPILE)
	@mkdir -p $(@D)
	@$(RUN_COMPILE) --list-directives $(if $(findstring init.5,$@),--device) --mdoc >$@.directives
	@sed -e '/@DIRECTIVES@/{r $@.directives' -e 'd}' $< >$@
	@rm $@.directives

define program
$(O)/unstripped/$(1): $(call objects,$($(1)_SOURCES)) $($(1)_EXTRA)
	@mkdir -p $$(@D)
	@echo "  LINK    $(1)"
	@$$(CC) $$(STATIC_LDFLAGS) $$(LDFLAGS) -Wl,-Map=$$@.map -o $$@ $$(filter %.o,$$^) $$($(1)_LIBS)
$(O)/$(1): $(O)/unstripped/$(1)
	@$$(STRIP) -s -R .comment -R .note.gnu.property -o $$@ $$<
endef
init_EXTRA := $(O)/obj/rescue_plan.o
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p))))

# Only what compiles plans sees the headers of inih, libseccomp and libcap.
library_flags = $(if $(filter system,$(LIBRARIES)),$(SYSTEM_CFLAGS),-I $(LIB)/include)
with_libraries = $(if $(filter $(bulkhead-compile_ROOM),$<)$(filter $(COMPILE),$<),$(library_flags))
$(O)/obj/%.o: init/%.c Makefile $(AUTOCONF) | $(LIB_READY)
	@mkdir -p $(@D)
	@echo "  CC      $*"
	@$(CC) $(TARGET_CFLAGS) $(with_libraries) -MMD -MP -c -o $@ $<

ifneq ($(NATIVE_COMPILE),)
.PHONY: native
native:
	@mkdir -p $(dir $(NATIVE_COMPILE))
	@$(if $(wildcard $(O)/.config),cmp -s $(O)/.config $(O)/native/.config || cp $(O)/.config $(O)/native/.config)
	@$(MAKE) --no-print-directory BOARD=qemu-x86_64 ARCH=$(BUILD_ARCH) O=$(patsubst %/,%,$(dir $(NATIVE_COMPILE))) OUT=$(OUT) $(NATIVE_COMPILE)
$(NATIVE_COMPILE): native ;
endif

# The plan that is left when there is no other: that of a root without a single file, part of PID 1's read-only data.
$(O)/rescue.plan: $(if $(bulkhead-compile_ROOM),$(RUN_COMPILE)) | $(LIB_READY)
	$(if $(bulkhead-compile_ROOM),\
		@echo "  PLAN    rescue" && mkdir -p $(O)/no-root && $(RUN_COMPILE) --arch $(PLAN_ARCH) --output $@ --root $(O)/no-root,\
		@echo "  PLAN    rescue is EMPTY: no bulkhead-compile" && : >$@)
$(O)/obj/rescue_plan.o: $(O)/rescue.plan
	@mkdir -p $(@D)
	@printf '%s\n' '.section .rodata.rescue_plan,"a"' '.balign 8' '.globl rescue_plan, rescue_plan_end' 'rescue_plan:' \
		'.incbin "$<"' 'rescue_plan_end:' '.section .note.GNU-stack,"",%progbits' | $(CC) -c -x assembler -o $@ -

# The compiler of service files for the machine that builds images: an ordinary program of it, for every architecture's plans.
HOST_OBJECTS := $(patsubst init/%.c,$(O)/host/obj/%.o,$(bulkhead-compile_SOURCES))
host-tools: $(O)/host/bulkhead-compile ## bulkhead-compile for this machine, with its own compiler and libraries
$(O)/host/bulkhead-compile: $(HOST_OBJECTS)
	@echo "  HOSTLD  bulkhead-compile"
	@$(HOSTCC) $(HOSTCFLAGS) $(HOSTLDFLAGS) -o $@ $(HOST_OBJECTS) $(HOST_SYSTEM_LIBS)
$(O)/host/obj/%.o: init/%.c Makefile $(AUTOCONF)
	@mkdir -p $(@D)
	@echo "  HOSTCC  $*"
	@$(HOSTCC) -std=c17 $(HOSTCPPFLAGS) $(HOSTCFLAGS) $(WARNINGS) $(REPRODUCIBLE) $(DEFINES) $(HOST_SYSTEM_CFLAGS) -MMD -MP -c -o $@ $<

-include $(shell find $(O)/obj $(O)/host $(O)/unit $(O)/simulate -name '*.d' 2>/dev/null)

# --- What it is built with ------------------------------------------------------------------------------------------------------
deps: ## installs the Debian packages that are lacking
	@$(if $(filter no,$(DEPS)),echo "DEPS=no: no package is installed",board/host/install-packages build demo check arm)
# With DEPS=no nothing is known of them, so a later make without it looks.
$(O)/.deps-%: board/host/install-packages
	@$(if $(filter no,$(DEPS)),:,mkdir -p $(@D) && board/host/install-packages $* && touch $@)
libraries: $(LIB_STAMP)
$(LIB_STAMP): board/host/build-libraries | $(O)/.deps-build $(if $(FOREIGN),$(O)/.deps-arm)
	@CC='$(CC)' AR='$(AR)' RANLIB='$(RANLIB)' HOST=$(HOST) MULTIARCH=$(MULTIARCH) FOREIGN=$(FOREIGN) board/host/build-libraries $(LIB)
	@touch $@

# Options and bounds (Kconfig). Without O/.config the defaults of init/base/config.h hold.
KCONFIG = @mkdir -p $(O) && KCONFIG_CONFIG=$(O)/.config PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m
.PHONY: defconfig menuconfig olddefconfig savedefconfig allnoconfig allyesconfig
defconfig: $(BOARD)_defconfig ## O/.config from board/BOARD/defconfig (NAME_defconfig: from another board's)
%_defconfig: board/%/defconfig | $(O)/.deps-check
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) board/host/genconfig $< /dev/null /dev/null
	$(KCONFIG) defconfig --kconfig Kconfig $<
menuconfig: | $(O)/.deps-check ## changes O/.config; also allnoconfig, allyesconfig, olddefconfig
	$(KCONFIG) menuconfig Kconfig
olddefconfig allnoconfig allyesconfig: | $(O)/.deps-check
	$(KCONFIG) $@ Kconfig
savedefconfig: | $(O)/.deps-check ## O/.config into board/BOARD/defconfig, as far as it is not the default
	$(KCONFIG) savedefconfig --kconfig Kconfig --out board/$(BOARD)/defconfig
ifdef AUTOCONF
$(O)/autoconf.mk: $(O)/.config Kconfig board/host/genconfig | $(O)/.deps-check
	@PYTHONDONTWRITEBYTECODE=1 $(PYTHON) board/host/genconfig $(O)/.config $(AUTOCONF) $@
$(AUTOCONF): $(O)/autoconf.mk ;
endif

include tests/tests.mk board/install.mk

clean: ## removes what was built for BOARD, keeps the libraries and .config
	rm -rf $(filter-out $(O)/lib $(addprefix $(O)/,$(BOARDS)),$(wildcard $(O)/*)) $(O)/.deps-*
distclean: clean ## removes all that was built, with the libraries and .config; for the first board, of every board
	rm -rf $(if $(filter $(OUT),$(O)),$(O)/lib $(addprefix $(O)/,$(BOARDS))) $(O)/.config $(O)/.config.old
	@rmdir $(O) 2>/dev/null || true
# Of what is committed. It builds without git; with LIBRARIES=system DEPS=no without a network.
dist: ## the sources as $(O)/bulkhead-VERSION.tar.gz
	@mkdir -p $(O)
	@git ls-files --error-unmatch Makefile >/dev/null 2>&1 || { echo "make dist: this tree is not in git: expected a clone" >&2; exit 1; }
	git archive --format=tar.gz --prefix=bulkhead-$(VERSION)/ --output $(O)/bulkhead-$(VERSION).tar.gz HEAD
help: ## this text
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 18
	@echo "Boards (BOARD=NAME, else qemu-x86_64): $(BOARDS)"
	@echo "Variables: O=$(O) DESTDIR= PREFIX=$(PREFIX) DEPS=$(DEPS) CC=$(CC) ARCH=$(ARCH)"
