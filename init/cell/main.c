/* SPDX-License-Identifier: MIT
 * The course of a cell: walls that need the host's root, then the service's process with the other
 * walls, then only reaping. A failure is reported to PID 1 with the step's name, and the service
 * does not run.
 */
#include "base/report.h"
#include "base/sys.h"
#include "base/version.h"
#include "cell/cell.h"
#include <errno.h>
#include <string.h>

#define STATUS_FAILED 125 /* of the cell itself; PID 1 reads the report */
#define STATUS_ABSENT 127 /* a shell's for a program that is not there */

static void exit_failed(const struct cell *c, int err)
{
	/* All walls stood, and its - allows that there is nothing behind them. */
	if (c->executing && err == -ENOENT && c->command->flags & COMMAND_IGNORE_FAILURE) {
		cell_report(REPORT_EXITED, STATUS_ABSENT << 8, c->step, c->why.text);
		sys_exit(0);
	}
	cell_report(REPORT_FAILED, -err, c->step, c->why.text);
	sys_exit(STATUS_FAILED);
}

int main(int argc, char *argv[])
{
	static struct cell cell;
	static struct cell_scratch scratch;
	struct cell *c = &cell;
	int version = version_asked("bulkhead-cell", argc, argv);
	if (version >= 0)
		sys_exit(version);
	/* argv ends with a NULL, which the plan step looks for */
	c->argv = argv;
	c->scratch = &scratch;
	if (argv[0] && argv[1] && strcmp(argv[1], CELL_GIVE_BACK) == 0)
		sys_exit(cell_return_netdevs(c));
	if (argv[0] && argv[1] && strcmp(argv[1], CELL_CLEAN) == 0)
		sys_exit(cell_clean(c));
	int err = cell_run(c, cell_steps_before);
	if (err == 0)
		err = cell_launch(c);
	if (err == 0)
		err = cell_settle(c);
	if (err < 0)
		exit_failed(c, err);
	if (c->why.absent)
		cell_report(REPORT_ABSENT, (int)c->why.absent, "", "");
	cell_report(REPORT_STARTED, c->host_main, "", "");
	cell_reap(c);
}
