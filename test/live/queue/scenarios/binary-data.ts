import { createHash } from 'node:crypto';
import path from 'node:path';

import { showStep } from '../../../../playground/progress.ts';
import { getEvents, USERPILOT } from '../../harness/workflows.ts';
import { Hooked } from '../hooked.ts';
import type { Context } from '../scenario.ts';

const LIMIT_MB = 1;
/** Rows of about 680 bytes each: half of the limit, and six times as much. */
const SIZES = { small: 750, large: 9_000 };

/** Files in the database, n8n's default with several machines, and in a folder that all of them share. */
export async function binaryData(context: Context): Promise<void> {
	const { cluster } = context;
	const shared = path.join(cluster.main.userFolder, 'binary-data');
	const modes = {
		database: {
			N8N_DEFAULT_BINARY_DATA_MODE: 'database',
			N8N_BINARY_DATA_DATABASE_MAX_FILE_SIZE: String(LIMIT_MB),
		},
		filesystem: {
			N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
			N8N_BINARY_DATA_STORAGE_PATH: shared,
		},
	};
	for (const [mode, env] of Object.entries(modes)) {
		await showStep(`Restarting all with binary data in mode ${mode}`, async () => {
			const workers = cluster.workers.length;
			await Promise.all([cluster.stopWorkers(), cluster.main.stop()]);
			await cluster.main.start(env);
			await cluster.addWorkers(workers, env);
		});
		await Promise.all(
			Object.entries(SIZES).map(async ([size, rows]) => await keepFile(context, mode, size, rows)),
		);
	}
}

async function keepFile({ cluster, findings }: Context, mode: string, size: string, rows: number) {
	const workflow = await Hooked.publish(cluster, `files-${mode}-${size}`, {
		parameters: getEvents({ output: 'files' }),
		userpilot: { jobSeconds: 0, rowsPerDay: rows },
	});
	const execution = await workflow.ended(await workflow.start());
	if (mode === 'database' && size === 'large') {
		findings.check(
			`${mode}: the error for a file above the limit says what to do, and the export is kept`,
			execution.status === 'error' &&
				/database/i.test(execution.error ?? '') &&
				workflow.jobIds().length === 1,
			execution.error,
		);
	} else {
		const [file] = execution.files(USERPILOT);
		const bytes = file && Buffer.from(await cluster.client.download(file.id));
		const found = bytes?.toString('utf8').trimEnd().split('\n').length;
		findings.check(
			`${mode}: a ${size} file is complete when the main is asked for it`,
			execution.status === 'success' && found === rows,
			bytes ? `${found} rows, ${bytes.length} bytes, ${hash(bytes)}` : execution.error,
		);
	}
	await workflow.close();
}

const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex').slice(0, 12);
