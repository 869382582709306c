# SPDX-License-Identifier: MIT
# For the compiler of service files on the machine that builds.
BBCLASSEXTEND:append = " native"
