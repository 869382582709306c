# SPDX-License-Identifier: MIT
"""SELinux file contexts without libselinux: lines of `PATH-REGEX [-type] CONTEXT`, the last one that matches wins.

<<none>> as context means: no label.
"""
import re
import stat

TYPES = {"--": stat.S_ISREG, "-d": stat.S_ISDIR, "-l": stat.S_ISLNK, "-c": stat.S_ISCHR, "-b": stat.S_ISBLK, "-p": stat.S_ISFIFO,
         "-s": stat.S_ISSOCK}


class LabelError(Exception):
    pass


class Labels:
    def __init__(self, path):
        self.rules = []
        for number, line in enumerate(open(path, encoding="utf-8"), 1):
            words = line.split("#", 1)[0].split()
            if not words:
                continue
            if len(words) not in (2, 3) or (len(words) == 3 and words[1] not in TYPES):
                raise LabelError(f"{path}:{number}: expected PATH-REGEX [-type] CONTEXT")
            kind = TYPES[words[1]] if len(words) == 3 else None
            try:
                self.rules.append((re.compile(words[0]), kind, words[-1]))
            except re.error as e:
                raise LabelError(f"{path}:{number}: {words[0]}: {e}") from e

    def find(self, path, mode):
        # The image has one /usr: /bin, /sbin and /lib are links into it, so a rule may call a file by either name.
        names = [path] + ([path[4:]] if re.match(r"/usr/(bin|sbin|lib|lib64)/", path) else [])
        for regex, kind, context in reversed(self.rules):
            if (kind is None or kind(mode)) and any(regex.fullmatch(n) for n in names):
                return None if context == "<<none>>" else context
        return None
