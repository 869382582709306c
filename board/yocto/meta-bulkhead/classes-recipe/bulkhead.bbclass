# SPDX-License-Identifier: MIT
# A recipe that brings service files:
#
#   SRC_URI += "file://thermostat.ini"
#   inherit bulkhead
#   BULKHEAD_SERVICE:${PN} = "thermostat.ini"
#
# They are checked when the recipe is built, as far as that goes without the image's files and users, and go into
# /usr/lib/bulkhead/services.d of a distribution whose init is bulkhead. The image checks the rest.
BULKHEAD_PACKAGES ?= "${PN}"
BULKHEAD_SERVICESDIR = "${nonarch_libdir}/bulkhead/services.d"

def bulkhead_in_use(d):
    return d.getVar('VIRTUAL-RUNTIME_init_manager') == 'bulkhead'

def bulkhead_services(d):
    return [(package, name) for package in d.getVar('BULKHEAD_PACKAGES').split()
            for name in (d.getVar('BULKHEAD_SERVICE:' + package) or '').split()]

DEPENDS:append:class-target = "${@' bulkhead-native' if bulkhead_in_use(d) else ''}"

python bulkhead_install_services() {
    import os
    import subprocess

    target = d.getVar('D') + d.getVar('BULKHEAD_SERVICESDIR')
    for package, name in bulkhead_services(d):
        places = [os.path.join(d.getVar(where), name) for where in ('UNPACKDIR', 'S', 'B')]
        source = next((p for p in places if os.path.isfile(p)), None)
        if not source:
            bb.fatal("BULKHEAD_SERVICE:%s: %s is neither in UNPACKDIR nor in S nor in B" % (package, name))
        checked = subprocess.run(['bulkhead-compile', '--check', '--arch', d.getVar('TARGET_ARCH'), source],
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if checked.returncode != 0:
            bb.fatal(checked.stdout)
        bb.utils.mkdirhier(target)
        subprocess.run(['install', '-m', '644', source, os.path.join(target, os.path.basename(name))], check=True)
}
bulkhead_install_services[vardeps] += "${@' '.join('BULKHEAD_SERVICE:' + p for p in d.getVar('BULKHEAD_PACKAGES').split())}"

python () {
    if not bulkhead_in_use(d) or not bulkhead_services(d):
        return
    d.appendVarFlag('do_install', 'postfuncs', ' bulkhead_install_services')
    for package, name in bulkhead_services(d):
        d.appendVar('FILES:' + package, ' ' + os.path.join(d.getVar('BULKHEAD_SERVICESDIR'), os.path.basename(name)))
}
