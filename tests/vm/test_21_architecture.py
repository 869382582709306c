# SPDX-License-Identifier: MIT
"""The plan that was compiled on the machine that builds, for this architecture, is byte for byte the one that the device compiles itself: numbers of system
calls, constants of the headers, layout and alignment are the target's."""


def test_the_builds_plan_is_the_devices_own(device):
    device.sh("/usr/lib/bulkhead/bulkhead-compile --output /run/plan-of-its-own", 400)
    device.sh("cmp /run/plan-of-its-own /usr/lib/bulkhead/plan; rm /run/plan-of-its-own")
