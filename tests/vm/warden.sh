# SPDX-License-Identifier: MIT
# Reads commands from the second serial line and runs each when a line says @@run. Not an interactive shell: no echo, no prompt, no line editing.
stty -echo -onlcr
text=
while IFS= read -r line; do
	case $line in
	@@run) eval "$text"; text= ;;
	*) text="$text
$line" ;;
	esac
done
