import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { Failure } from '../../../playground/failure.ts';
import { freePort, LOOPBACK } from '../../../playground/ports.ts';
import { startProcess } from '../../../playground/processes.ts';
import { until } from './until.ts';

const DEBIAN_FOLDER = '/usr/lib/postgresql';
const READY_TIMEOUT_MS = 60_000;
/** PostgreSQL refuses to run as root. */
const USER = 'postgres';
const OWNER = 'n8n';

export interface Postgres {
	port: number;
	pid: number;
	/** The role, which owns the database of the same name as PostgreSQL's own: no password. */
	user: string;
	database: string;
	/** Its command line client. */
	psql: string;
	stop(): Promise<void>;
}

/**
 * Starts a PostgreSQL of its own, on a free port of the loopback interface and in a temporary folder.
 *
 * @throws Failure when it is not installed, or does not become ready within a minute
 */
export async function startPostgres(): Promise<Postgres> {
	const bin = binFolder();
	const user = process.getuid?.() === 0 ? idsOf(USER) : undefined;
	const folder = mkdtempSync(path.join(tmpdir(), 'userpilot-postgres-'));
	if (user) chownSync(folder, user.uid, user.gid);
	process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
	const data = path.join(folder, 'data');
	execFileSync(
		path.join(bin, 'initdb'),
		['-D', data, '-U', OWNER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
		{ ...user, cwd: folder, stdio: 'pipe' },
	);
	const port = await freePort();
	const logFile = path.join(folder, 'postgres.log');
	const running = await startProcess({
		command: path.join(bin, 'postgres'),
		args: ['-D', data, '-h', LOOPBACK, '-p', String(port), '-k', folder, '-F'],
		cwd: folder,
		logFile,
		user,
	});
	const isReady = () => readFileSync(logFile, 'utf8').includes('ready to accept connections');
	if (!(await until(() => isReady() || !running.running, READY_TIMEOUT_MS)) || !running.running) {
		throw new Failure(`PostgreSQL did not start: ${readFileSync(logFile, 'utf8')}`);
	}
	return {
		port,
		pid: running.pid,
		user: OWNER,
		database: 'postgres',
		psql: path.join(bin, 'psql'),
		stop: async () => await running.stop(),
	};
}

/** @throws Failure with what to install */
function binFolder(): string {
	const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER).map(Number) : [];
	const debian = path.join(DEBIAN_FOLDER, String(Math.max(...versions)), 'bin');
	const folders = [debian, ...(process.env.PATH ?? '').split(path.delimiter)];
	const found = folders.find((folder) => existsSync(path.join(folder, 'initdb')));
	if (found === undefined) {
		throw new Failure('PostgreSQL is missing. On Debian or Ubuntu: apt-get install postgresql');
	}
	return found;
}

function idsOf(name: string): { uid: number; gid: number } {
	const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));
	return { uid: id('-u'), gid: id('-g') };
}
