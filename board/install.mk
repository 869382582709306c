# SPDX-License-Identifier: MIT
# A board's image, and installation. Part of the Makefile.

# --- The appliance --------------------------------------------------------------------------------------------------------------
image: all $(O)/.deps-demo $(NATIVE_COMPILE) ## the firmware image of BOARD
	@board/image/mkimage $(O) --board $(BOARD) --compiler $(RUN_COMPILE) --packages $(OUT)/packages --sizes
demo: image ## boots it in QEMU: console on a terminal, a checked tour without one
	@board/image/run $(O) --board $(BOARD)

# --- Installation ---------------------------------------------------------------------------------------------------------------
# Nothing is built for it but what `all` builds. PID 1 executes /sbin/init and /usr/lib/bulkhead/*, whatever PREFIX says: that is where bulkctl, the
# manual and the tools of `install-host` go. SBINDIR=/usr/sbin where /sbin is a link (a package then has no /sbin). INSTALL_STRIP=no: with symbols.
SBINDIR ?= /sbin
BINDIR ?= $(PREFIX)/bin
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
INSTALL ?= install
INSTALL_STRIP ?= yes
LIBEXEC := $(DESTDIR)/usr/lib/bulkhead
BUILT := $(O)$(if $(filter no,$(INSTALL_STRIP)),/unstripped)
manual_of = $(foreach page,$(1),$(INSTALL) -D -m 644 -t "$(DESTDIR)$(MANDIR)/man$(subst .,,$(suffix $(page)))" $(page) &&) :
install: all ## into DESTDIR; PREFIX=/usr, PID 1 always as /sbin/init
	$(INSTALL) -d "$(DESTDIR)$(SBINDIR)" "$(DESTDIR)$(BINDIR)" "$(LIBEXEC)/services.d" "$(LIBEXEC)/profiles.d" "$(DESTDIR)/etc/bulkhead/services.d"
	$(INSTALL) -m 755 $(BUILT)/init "$(DESTDIR)$(SBINDIR)/init"
	for name in poweroff reboot halt shutdown; do ln -sf init "$(DESTDIR)$(SBINDIR)/$$name" || exit; done
	$(INSTALL) -m 755 $(BUILT)/bulkctl "$(DESTDIR)$(BINDIR)/bulkctl"
	$(INSTALL) -m 755 $(addprefix $(BUILT)/,$(filter-out init bulkctl $(if $(call is_off,COMPILER),bulkhead-compile),$(PROGRAMS))) "$(LIBEXEC)/"
	@$(call manual_of,$(filter-out $(addprefix %/,$(addsuffix .8,$(WITHOUT))),$(wildcard init/man/*.[1-8])) $(MANUALS))
uninstall: ## removes what `install` has installed, from the same DESTDIR, PREFIX and so on
	rm -f $(foreach name,init poweroff reboot halt shutdown,"$(DESTDIR)$(SBINDIR)/$(name)") "$(DESTDIR)$(BINDIR)/bulkctl" \
		$(foreach name,$(filter-out init bulkctl,$(PROGRAMS)),"$(LIBEXEC)/$(name)") \
		$(foreach page,$(notdir $(wildcard init/man/*.[1-8]) $(MANUALS)),"$(DESTDIR)$(MANDIR)/man$(subst .,,$(suffix $(page)))/$(page)")
	@for place in "$(LIBEXEC)/services.d" "$(LIBEXEC)/profiles.d" "$(LIBEXEC)" "$(DESTDIR)/etc/bulkhead/services.d" "$(DESTDIR)/etc/bulkhead"; do \
		rmdir "$$place" 2>/dev/null || true; done

# For the machine that builds images (Buildroot, Yocto), in its PREFIX: what turns a root directory with programs in it into a device.
install-host: host-tools install-selinux ## the compiler, bulkhead-finalize, services to choose from, the SELinux policy
	$(INSTALL) -d "$(DESTDIR)$(BINDIR)" "$(DESTDIR)$(DATADIR)/bulkhead/services.d"
	$(INSTALL) -m 755 $(O)/host/bulkhead-compile "$(DESTDIR)$(BINDIR)/bulkhead-compile"
	$(INSTALL) -m 755 board/common/finalize "$(DESTDIR)$(BINDIR)/bulkhead-finalize"
	$(INSTALL) -m 644 $(wildcard services.d/*.ini) services.d/users "$(DESTDIR)$(DATADIR)/bulkhead/services.d/"

# $(SELINUXDIR)/build makes a device's policy. Nothing on a device needs it.
SELINUXDIR := $(DESTDIR)$(DATADIR)/bulkhead/selinux
install-selinux: ## the SELinux policy's sources, for the build of a device's policy
	$(INSTALL) -d "$(SELINUXDIR)/services"
	$(INSTALL) -m 755 rootfs/selinux/build "$(SELINUXDIR)/build"
	$(INSTALL) -m 644 $(filter-out %/tests.cil,$(wildcard rootfs/selinux/*.cil)) rootfs/selinux/config rootfs/selinux/file_contexts \
		rootfs/selinux/init_contexts rootfs/selinux/README.md "$(SELINUXDIR)/"
	$(INSTALL) -m 644 rootfs/selinux/services/*.cil "$(SELINUXDIR)/services/"
