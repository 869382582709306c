/* SPDX-License-Identifier: MIT
 * The host's namespaces that the service is in.
 */
#include "walls/namespaces/conf.h"
#include "walls/report.h"

static void look_namespace(const struct security_look *l, const struct security_row *row)
{
	const struct namespaces_conf *c = l->conf;
	if (!(c->own & row->value))
		security_opens(l, row, row->weight, "%s of the host", security_key(row));
}

/* clang-format off */
static const struct security_row rows[] = {
	{D_Namespaces_Mount, "the host's whole tree of files, its /dev, /proc and /sys, as far as its user may go", look_namespace, 30, NS_MOUNT, NULL},
	{D_Namespaces_PID, "other processes can be seen, and signalled and looked into where the user is the same", look_namespace, 8, NS_PID, NULL},
	{D_Namespaces_IPC, "shared memory and queues of others", look_namespace, 4, NS_IPC, NULL},
	{D_Namespaces_UTS, "the host's name, and changes of it with CAP_SYS_ADMIN", look_namespace, 1, NS_UTS, NULL},
	{D_Namespaces_Cgroup, "the place of its group among all others", look_namespace, 2, NS_CGROUP, NULL},
	{D_Namespaces_User, "a user of the host: files and processes of others that run as it, capabilities that count everywhere", look_namespace, 10, NS_USER, NULL},
	{0},
};
/* clang-format on */

const struct wall_security namespaces_security = {rows, NULL};
