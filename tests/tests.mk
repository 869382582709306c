# SPDX-License-Identifier: MIT
# Tests and checks: tests/README.md says what each is. Part of the Makefile, which has what programs are made of.

# --- Tests ----------------------------------------------------------------------------------------------------------------------
HOST_CFLAGS := -std=gnu17 -g -O1 $(WARNINGS) $(REPRODUCIBLE) $(DEFINES) -I tests
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
unit_FLAGS := $(SANITIZE)
simulate_FLAGS := -O2 $(if $(filter 1,$(SAN)),$(SANITIZE))

# What a test's first line names: `// needs: pid1 plan base tests/unit/core_rig.c`. A room (a directory of init/, or tests/…, with those
# below it) is an archive: a test is linked with those of its files that it calls, but for those whose functions it has itself. Then files
# of tests/, options of the linker, and options of Kconfig (CONFIG_…) without which there is nothing for it to test.
NEEDS := $(shell awk 'FNR == 1 && sub("^// needs: ", "") { gsub(" ", "|"); print FILENAME "|" $$0 }' tests/unit/*.c tests/simulate/*.c)
needs = $(subst |, ,$(patsubst $(1)|%,%,$(filter $(1)|%,$(NEEDS))))
needs_rooms = $(filter-out %.c -% CONFIG_%,$(call needs,$(1)))
needs_off = $(firstword $(filter $(addprefix CONFIG_,$(OFF)),$(call needs,$(1))))
room_of = $(if $(filter tests/%,$(1)),$(1),init/$(1))
room_files = $(filter-out $(LEFT_OUT),$(sort $(shell find $(call room_of,$(1)) -name '*.c')))
tests_objects = $(patsubst %.c,$(O)/$(1)/obj/%.o,$(2))

# (the tests' directory, a room)
define tests_room
$(O)/$(1)/rooms/$(2).a: $(call tests_objects,$(1),$(call room_files,$(2))) $(shell find $(call room_of,$(2)) -type d)
	@mkdir -p $$(@D)
	@rm -f $$@
	@ar qcsT $$@ $$(filter %.o,$$^)
endef
# (the tests' directory, a test)
define tests_program
$(patsubst tests/%.c,$(O)/%,$(2)): $(call tests_objects,$(1),$(2) $(filter %.c,$(call needs,$(2)))) \
	$(patsubst %,$(O)/$(1)/rooms/%.a,$(call needs_rooms,$(2)))
	@$(HOSTCC) $($(1)_FLAGS) -Wl,-Map=$$@.map -o $$@ $$(filter %.o,$$^) -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group -lcmocka \
		$(filter -%,$(call needs,$(2)))
endef
# (the tests' directory)
define host_tests
$(1)_SKIPPED := $(foreach t,$($(1)_ALL),$(if $(call needs_off,$(t)),$(basename $(notdir $(t)))=$(call needs_off,$(t))))
$(1)_BINARIES := $(patsubst tests/%.c,$(O)/%,$($(1)_TESTS))
$(O)/$(1)/obj/%.o: %.c Makefile tests/tests.mk $(AUTOCONF) | $(O)/.deps-check
	@mkdir -p $$(@D)
	@$(HOSTCC) $(HOST_CFLAGS) $($(1)_FLAGS) -MMD -MP -c -o $$@ $$<
$(foreach r,$(sort $(foreach t,$($(1)_TESTS),$(call needs_rooms,$(t)))),$(eval $(call tests_room,$(1),$(r))))
$(foreach t,$($(1)_TESTS),$(eval $(call tests_program,$(1),$(t))))
$(1): $$($(1)_BINARIES)
	@tests/tally $(O) $(1) tests/run-programs -j $$(VM_WORKERS) $$^ $$($(1)_SKIPPED)
endef
tests_of = $(foreach n,$(filter tests/$(1)/%,$(NEEDS)),$(firstword $(subst |, ,$(n))))
unit_ALL := $(call tests_of,unit)
unit_TESTS := $(foreach t,$(unit_ALL),$(if $(call needs_off,$(t)),,$(t)))
simulate_ALL := $(call tests_of,simulate)
simulate_TESTS := $(simulate_ALL)
$(eval $(call host_tests,unit))
$(eval $(call host_tests,simulate))
unit: | all ## unit tests (cmocka), with sanitizers
simulate: ## random histories of the core; SAN=1 with sanitizers
# Unit tests that take longer than a moment, or wait.
QUICK_LEFT_OUT := cell_faults cell_owner test_log_held try_desk try_signals
QUICK_UNIT = $(filter-out $(addprefix $(O)/unit/,$(QUICK_LEFT_OUT)),$(unit_BINARIES))
quick: all $(unit_BINARIES) $(simulate_BINARIES) $(O)/pid1/life $(O)/pid1/stand ## the inner loop: what takes a moment of other stages
	@LIB=$(LIB) NM=$(NM) PYTHON=$(PYTHON) UNIT="$(QUICK_UNIT)" LEFT_OUT="$(QUICK_LEFT_OUT)" tests/quick $(O)

options: $(unit_BINARIES) | $(LIB_READY) $(O)/.deps-check ## builds and tests every configuration of Kconfig's options; options-sample: some
	@tests/tally $(O) options tests/options/run $(O)
options-sample: $(unit_BINARIES) | $(LIB_READY) $(O)/.deps-check ## nothing, everything, and one that the day decides
	@tests/tally $(O) options-sample tests/options/run $(O) --sample
option-sizes: ## what each option of Kconfig removes from the programs
	@tests/options/sizes $(O)

SECONDS ?= 20
fuzz: $(O)/.deps-check ## random bytes into plans, state blocks and log lines, with sanitizers; SECONDS=600 for longer
	@tests/tally $(O) fuzz tests/fuzz/run $(O) $(SECONDS)
CORPUS_KB ?= 2
fuzz-corpus: $(O)/.deps-check ## as fuzz, and what it grew is merged into tests/fuzz/corpus: CORPUS_KB (2) for each target
	@tests/fuzz/run $(O) $(SECONDS) $(CORPUS_KB)

# PID 1 on this machine (x86_64, root), in namespaces of its own. The device under test is the board's build, its services and judge are tests/pid1.
PID1_WORKERS ?= $(shell expr 4 \* $$(nproc))
FAULTS ?= 40
FAULTS_SEED ?= 1
$(O)/pid1/life: tests/pid1/life.c tests/pid1/box.h | $(LIB_READY)
	@mkdir -p $(@D)
	@$(CC) -static -Os -std=gnu17 $(WARNINGS) -I tests -o $@ $<
$(O)/pid1/faults: $(addprefix tests/pid1/,faults.c box.c calls.c rooms.c box.h calls.h rooms.h) init/base/errname.c | $(O)/.deps-check
	@mkdir -p $(@D)
	@$(HOSTCC) $(HOST_CFLAGS) -o $@ $(filter %.c,$^) -lseccomp
$(O)/pid1/damage: tests/pid1/damage.c tests/pid1/box.c tests/pid1/box.h $(wildcard init/pid1/*.h init/core/*.h) $(AUTOCONF) | $(O)/.deps-check
	@mkdir -p $(@D)
	@$(HOSTCC) $(HOST_CFLAGS) -o $@ $(filter %.c,$^) -lseccomp
$(O)/pid1/stand: tests/pid1/stand.c tests/pid1/box.c tests/pid1/calls.c tests/pid1/box.h tests/pid1/calls.h | $(O)/.deps-check
	@mkdir -p $(@D)
	@$(HOSTCC) $(HOST_CFLAGS) -o $@ $(filter %.c,$^) -lseccomp
pid1: all $(O)/pid1/life $(O)/pid1/stand ## init as process 1 of namespaces on this machine: no QEMU, half a minute (root)
	@O=$(abspath $(O)) PYTHONDONTWRITEBYTECODE=1 tests/tally $(O) pid1 $(PYTHON) -m pytest -p no:cacheprovider -q -ra -n $(PID1_WORKERS) tests/pid1
# FAULTS=1: all, an hour, or less with FAULTS_JOBS=4.
faults: all $(O)/pid1/life $(O)/pid1/faults $(O)/pid1/damage ## each call of PID 1 fails, or it crashes there: one point in FAULTS (40)
	@tests/tally $(O) faults tests/pid1/run $(abspath $(O)) $(FAULTS) $(FAULTS_SEED)

golden: all ## service files against the plans and diagnostics they must give
	@O=$(O) tests/tally $(O) golden tests/golden/run
reproducible: image ## programs and image made twice, elsewhere and as another user, are the same to the byte
	@tests/reproducible $(O)
reproducible-image: image
	@tests/tally $(O) reproducible-image tests/reproducible $(O) --image
VM_WORKERS ?= $(shell nproc)
vm: image ## the booted appliance, tested from inside and outside
	@BOARD=$(BOARD) O=$(abspath $(O)) PYTHONDONTWRITEBYTECODE=1 tests/tally $(O) vm \
		$(PYTHON) -m pytest -p no:cacheprovider -q -ra -n $(VM_WORKERS) --dist loadfile tests/vm
CROWD ?= 500
crowd: image ## CROWD (500) services started at once, in a build with places for them: longest stays of PID 1, gaps of the watchdog's feed
	@CROWD=$(CROWD) BOARD=$(BOARD) O=$(abspath $(O)) PYTHONDONTWRITEBYTECODE=1 tests/tally $(O) crowd $(PYTHON) -m pytest -p no:cacheprovider -q -ra -s \
		tests/vm/test_26_crowd.py
# What of it the ARM boards run on every change; `make check BOARD=NAME` runs all of it there.
arm: $(O)/.deps-demo $(O)/.deps-check $(O)/.deps-arm ## boot, walls and hostile program on both ARM boards of QEMU
	@for board in qemu-aarch64 qemu-armv7; do $(MAKE) --no-print-directory O=$(OUT) BOARD=$$board image || exit 1; done
	@O=$(abspath $(OUT)) PYTHON=$(PYTHON) tests/tally $(O) arm tests/arm qemu-aarch64 qemu-armv7
kernels: all $(O)/.deps-demo $(O)/.deps-check ## the walls and the hostile program on Debian's kernels 5.10 and 6.12 (x86_64)
	@O=$(O) PACKAGES=$(OUT)/packages PYTHON=$(PYTHON) tests/tally $(O) kernels tests/kernels
tour: image ## the checked tour of BOARD's image (make demo without a terminal)
	@tests/tally $(O) tour board/image/tour $(O) --board $(BOARD)
packages: all | $(O)/.deps-check ## installation as distributions do it; Buildroot's and Yocto's packages ($BUILDROOT, $OECORE: with the real ones)
	@O=$(O) $(INIH) tests/tally $(O) packages tests/run-programs tests/install/run tests/inih/run tests/buildroot/run tests/yocto/run
INIH = CC='$(CC)' LIB='$(LIB)' OBJECTS='$(call objects,$(bulkhead-compile_SOURCES))'
inih: all ## the golden files with other releases of inih, and as others build it
	@O=$(O) $(INIH) tests/tally $(O) inih tests/run-programs tests/inih/run
buildroot: all ## what a real Buildroot (BUILDROOT=DIR, its sources) makes of the br2-external tree without a download: configurations, dependencies, style
	@[ -d "$(BUILDROOT)/package" ] || { echo "make buildroot: BUILDROOT=DIR names no sources of Buildroot" >&2; exit 2; }
	@O=$(O) BUILDROOT=$(abspath $(BUILDROOT)) tests/tally $(O) buildroot tests/run-programs tests/buildroot/run
lint: all $(O)/.deps-demo $(O)/.deps-check ## include rule, symbol fence, formatting, static analysis; $(O)/results/lint.log has it all
	@O=$(O) LIB=$(LIB) NM=$(NM) tests/tally $(O) lint tests/lint/run
format: $(O)/.deps-check ## formats C files: FILES="a.c b.h", or all
	clang-format -i $(or $(FILES),$(shell find init tests -name '*.[ch]'))
STAGES ?= $(call of_board,STAGES)
check: $(O)/.deps-build $(O)/.deps-demo $(O)/.deps-check ## everything above; the totals are the last line
	@rm -rf $(O)/results
	@for stage in $(STAGES); do $(MAKE) --no-print-directory -j$(VM_WORKERS) BOARD=$(BOARD) O=$(O) $$stage; done; tests/tally --total $(O) $(STAGES)
bench: all image ## guest time to 50 walled services (QEMU -icount)
	@O=$(abspath $(O)) tests/bench/run $(O)
size: all $(NATIVE_COMPILE) ## BOARD's sizes: programs and plan in flash, processes in memory where a VM can run (option-sizes: configurations)
	@O=$(O) BOARD=$(BOARD) SIZE=$(TOOLS)size PYTHON=$(PYTHON) tests/size $(PROGRAMS)
