# SPDX-License-Identifier: MIT
# For the compiler of service files on the machine that builds. What the target must have for it (seccomp in DISTRO_FEATURES) is no concern of that machine.
BBCLASSEXTEND:append = " native"
REQUIRED_DISTRO_FEATURES:class-native = ""
