import { createHash } from 'node:crypto';
import path from 'node:path';

import { showStep } from '../../../../playground/progress.ts';
import { USERPILOT } from '../../e2e/workflows.ts';
import { Hooked } from '../hooked.ts';
import { type Context, EXPORT_ROWS } from '../scenario.ts';

const LIMIT_MB = 1;
/** About 680 bytes each: half of the limit, and six times as much. */
const SMALL = 750;
const LARGE = 9_000;

/** Files in the database, n8n's default with several machines, and in a folder that all of them see. */
export async function binaryData({ cluster, findings }: Context): Promise<void> {
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
			await cluster.stopWorkers();
			await cluster.main.stop();
			await cluster.main.start(env);
			await cluster.addWorkers(workers, env);
		});
		for (const [size, rowsPerDay] of Object.entries({ small: SMALL, large: LARGE })) {
			const workflow = await Hooked.publish(cluster, `files-${mode}-${size}`, {
				parameters: { ...EXPORT_ROWS, output: 'files' },
				userpilot: { jobSeconds: 0, rowsPerDay },
			});
			const execution = await workflow.ended(await workflow.start());
			if (mode === 'database' && size === 'large') {
				findings.check(
					`${mode}: a file above its limit says what to do, and the export is kept`,
					execution.status === 'error' &&
						/database/i.test(execution.error ?? '') &&
						workflow.jobIds().length === 1,
					execution.error,
				);
			} else {
				const [file] = execution.files(USERPILOT);
				const bytes = file && Buffer.from(await cluster.client.download(file.id));
				const rows = bytes?.toString('utf8').trimEnd().split('\n').length;
				findings.check(
					`${mode}: a ${size} file is whole, asked of the main`,
					execution.status === 'success' && rows === rowsPerDay,
					bytes ? `${rows} rows, ${bytes.length} bytes, ${hash(bytes)}` : execution.error,
				);
			}
			await workflow.close();
		}
	}
}

const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex').slice(0, 12);
