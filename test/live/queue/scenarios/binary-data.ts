import { createHash } from 'node:crypto';
import path from 'node:path';

import { showStep } from '../../../../playground/progress.ts';
import { getEvents, USERPILOT } from '../../harness/workflows.ts';
import { Hooked } from '../hooked.ts';
import type { Context } from '../scenario.ts';

const LIMIT_MB = 1;
/** Rows of about 680 bytes each: half of the limit, and six times as much. */
const SIZES = { small: 750, large: 9_000 };

/** n8n's variables: binary data in a folder that main and workers share. */
export const sharedFolder = (folder: string) => ({
	N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
	N8N_BINARY_DATA_STORAGE_PATH: path.join(folder, 'binary-data'),
});

/** n8n's default with several machines. */
const DATABASE = {
	N8N_DEFAULT_BINARY_DATA_MODE: 'database',
	N8N_BINARY_DATA_DATABASE_MAX_FILE_SIZE: String(LIMIT_MB),
};

/** Files in a folder that all n8ns share, as the cluster was started, and in the database. */
export async function binaryData(context: Context): Promise<void> {
	const { cluster } = context;
	const keepFiles = async (mode: string) =>
		await Promise.all(
			Object.entries(SIZES).map(async ([size, rows]) => await keepFile(context, mode, size, rows)),
		);
	await keepFiles('filesystem');
	await showStep('Restarting all with binary data in the database', async () => {
		const workers = cluster.workers.length;
		await Promise.all([cluster.stopWorkers(), cluster.main.stop()]);
		await cluster.main.start(DATABASE);
		await cluster.addWorkers(workers, DATABASE);
	});
	await keepFiles('database');
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
