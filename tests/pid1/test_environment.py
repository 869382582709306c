# SPDX-License-Identifier: MIT
"""EnvironmentFile and UnsetEnvironment: what a service is given at each start."""
import os
import re

import pytest
from conftest import service

FILE = "/run/a-file"


def start(box, *lines, words="vars", files=None, **more):
    """A device whose service is started when its files are there, with their text."""
    d = box(a=service("WantedBy =", "Enabled = no", *lines, kind="simple", word=words), b=service(), **more)
    d.wait("b", "up")
    for path, text in (files or {}).items():
        (d.root / path.lstrip("/")).write_bytes(text.encode() if isinstance(text, str) else text)
    return d


def given(d):
    d.ctl("start", "a")
    text = d.wait_logs("a", "life has said all")
    text = text[text.rindex("life begins"):]
    return re.findall(r"life argument \[(.*)\]", text), dict(x.split("=", 1) for x in re.findall(r"life variable \[(.*)\]", text))


def test_a_file_wins_over_environment_and_the_next_over_it(box):
    d = start(box, 'Environment = A=line B=line "C=a line"', f"EnvironmentFile = {FILE}", "EnvironmentFile = -/run/none", f"EnvironmentFile = {FILE}2",
              files={FILE: "# words\nB=file\nD='of the file'\n", FILE + "2": "D=second\nPATH=/x\n"})
    found = given(d)[1]
    assert {k: found[k] for k in "ABCD"} == {"A": "line", "B": "file", "C": "a line", "D": "second"}
    assert found["PATH"] == "/x" and found["HOME"] == "/"


def test_words_of_a_command_have_its_values(box):
    d = start(box, f"EnvironmentFile = {FILE}", "Environment = E=line", words="vars $LIST \"$LIST\" x${ONE}y $$ONE a$ONE $NONE ${NONE} $E \"$$\"",
              files={FILE: """LIST="one 'two three'  four"\nONE=1\nE=file\n"""})
    assert given(d)[0] == ["one", "two three", "four", "one 'two three'  four", "x1y", "$ONE", "a1", "", "file", "$"]
    (d.root / FILE.lstrip("/")).write_text("LIST=\nONE=\n")
    d.ctl("stop", "a")
    assert given(d)[0] == ["", "xy", "$ONE", "a", "", "line", "$"]


def test_what_is_unset_is_not_there(box):
    d = start(box, "Environment = A=1 B=2 C=3", f"EnvironmentFile = {FILE}", "UnsetEnvironment = A B=2 C=4 USER NOT_THERE", words="vars x${A}",
              files={FILE: "C=5\nD=6\n"})
    words, found = given(d)
    assert words == ["x"] and "USER" not in found and {k: found.get(k) for k in "ABCD"} == {"A": None, "B": None, "C": "5", "D": "6"}


def test_unset_without_a_file(box):
    d = start(box, "Environment = A=1 B=2", "UnsetEnvironment = A LOGNAME")
    found = given(d)[1]
    assert "A" not in found and "LOGNAME" not in found and found["B"] == "2"


WRONG = {
    "absent": (None, "ENOENT: /run/a-file"),
    "a line of a script": ("A=1\nexport B=2\n", "EINVAL: /run/a-file:2: expected NAME=value, a comment or an empty line"),
    "an open quotation mark": ("A='1\n", "EINVAL: /run/a-file:1: the quotation mark is not closed"),
    "a NUL byte": (b"A=1\0\n", "EINVAL: /run/a-file:1: a NUL byte"),
    "no UTF-8": (b"A=\xff\n", "EINVAL: /run/a-file:1: bytes that are not UTF-8"),
    "bulkhead's own": ("NOTIFY_SOCKET=/run/x\n", "EINVAL: /run/a-file:1: the variable is set by bulkhead: leave it out"),
    "too large": ("A=" + 140000 * "x" + "\n", "EFBIG: /run/a-file"),
    "too many": ("".join(f"A{i}=\n" for i in range(300)), "E2BIG: /run/a-file too many variables"),
    "no word": ("""LIST="a 'b"\n""", "EINVAL: a quotation mark is not closed in the value of LIST"),
}


@pytest.mark.parametrize("which", WRONG)
def test_what_cannot_be_read_keeps_it_from_starting(box, which):
    text, said = WRONG[which]
    d = start(box, f"EnvironmentFile = {FILE}", words="vars $LIST", files={} if text is None else {FILE: text})
    assert d.try_ctl("start", "a")[0] != 0
    d.wait_said(f"a: ended: wall failed: {'arguments' if which == 'no word' else 'environment'}: {said}")
    assert "life begins" not in d.logs("a")


def test_what_is_no_file_is_not_waited_for(box):
    d = start(box, f"EnvironmentFile = -{FILE}")
    path = d.root / FILE.lstrip("/")
    for make in (lambda: os.mkfifo(path), path.mkdir):
        make()
        d.try_ctl("start", "a")
        d.wait_said(f"EINVAL: {FILE} is no regular file")
        path.unlink() if path.is_fifo() else path.rmdir()
    assert given(d)[1]["HOME"] == "/"


def test_no_link_of_a_service_leads_root_elsewhere(box):
    """The file is in a directory of the service, which has put a link to what only root may read there."""
    d = start(box, f"EnvironmentFile = {FILE}", files={"/run/secret": "SECRET=1\n"})
    path = d.root / FILE.lstrip("/")
    path.symlink_to("/run/secret")
    assert given(d)[1]["SECRET"] == "1"  # root's own link is followed
    d.ctl("stop", "a")
    os.chown(path, 1000, 1000, follow_symlinks=False)
    assert d.try_ctl("start", "a")[0] != 0
    d.wait_said(f"ELOOP: {FILE} has a link on its way that is not root's")
    path.unlink()
    (d.root / "run/to").symlink_to("/run")
    os.chown(d.root / "run/to", 1000, 1000, follow_symlinks=False)
    path.symlink_to("/run/to/secret")
    assert d.try_ctl("start", "a")[0] != 0
    d.wait_said(f"ELOOP: {FILE} has a link on its way that is not root's")
    path.unlink()
    path.write_text("SECRET=own\n")
    os.chown(path, 1000, 1000)
    assert given(d)[1]["SECRET"] == "own"
