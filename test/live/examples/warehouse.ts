import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

import type { Instance } from '../harness/n8n.ts';
import type { Postgres } from '../harness/postgres.ts';

const MAX_OUTPUT_BYTES = 1_000_000_000;

/** A database of its own in PostgreSQL, and its credential in n8n. */
export async function createWarehouse(instance: Instance, postgres: Postgres, name: string) {
	const { port, user, psql } = postgres;
	const psqlOf = (database: string, sql: string) =>
		['-h', '127.0.0.1', '-p', String(port), '-U', user, '-d', database, '-At', '-c', sql] as const;
	const run = (database: string, sql: string) =>
		execFileSync(psql, psqlOf(database, sql), {
			encoding: 'utf8',
			maxBuffer: MAX_OUTPUT_BYTES,
		}).trimEnd();
	run('postgres', `CREATE DATABASE ${name}`);
	const { id } = await instance.client.saveCredential(`PostgreSQL ${name}`, 'postgres', {
		host: '127.0.0.1',
		port,
		database: name,
		user,
		password: '',
		ssl: 'disable',
	});
	return {
		credentialId: id,
		/** Runs SQL; a line for each row, `|` between its columns. */
		query: (sql: string) => run(name, sql),
		/** The same in the background. */
		async start(sql: string): Promise<string> {
			return (await promisify(execFile)(psql, psqlOf(name, sql))).stdout.trimEnd();
		},
	};
}
