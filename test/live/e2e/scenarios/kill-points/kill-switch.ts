import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { Failure } from '../../../../../playground/failure.ts';
import type { Instance } from '../../../harness/n8n.ts';
import { until } from '../../../harness/until.ts';
import type { Mode } from '../../modes.ts';

const HOOK = fileURLToPath(new URL('kill-switch.cjs', import.meta.url));
const KILLED_WITHIN_MS = 60_000;

/** A moment at which n8n is killed while it starts an execution for a job, and what it has written by then. */
export interface KillPoint {
	id: string;
	text: string;
	memory: boolean;
	execution: boolean;
}

const point = (id: string, text: string, written: [memory: boolean, execution: boolean]) => ({
	id,
	text,
	memory: written[0],
	execution: written[1],
});

/** In the order in which n8n reaches them. */
export const KILL_POINTS: Record<Mode, KillPoint[]> = {
	default: [
		point('before-memory', 'before the memory is saved', [false, false]),
		point('between-writes', 'memory saved, execution not yet written', [true, false]),
		point('after-execution', 'after the execution was written', [true, true]),
	],
	durable: [
		point('before-transaction', 'before the transaction', [false, false]),
		point('cursor-in-transaction', 'within the transaction, after the cursor', [false, false]),
		point('execution-in-transaction', 'within the transaction, after the execution', [
			false,
			false,
		]),
		point('after-transaction', 'after the transaction', [true, true]),
	],
};

/** n8n takes longer to start an execution than the time between two polls. */
export const SLOW_TRANSACTION = 'slow-transaction';

/** Kills n8n at an exact point: kill-switch.cjs says how. */
export class KillSwitch {
	private readonly instance: Instance;
	private readonly file: string;

	constructor(instance: Instance) {
		this.instance = instance;
		this.file = path.join(instance.userFolder, 'kill-point');
	}

	/** Variables for n8n's start. */
	get env(): NodeJS.ProcessEnv {
		return {
			NODE_OPTIONS: `--require ${JSON.stringify(HOOK)}`,
			KILL_POINT_FILE: this.file,
		};
	}

	/** n8n is killed as soon as it reaches this point for this workflow; at SLOW_TRANSACTION it is only delayed. */
	arm(id: string, workflowId: string): void {
		writeFileSync(this.file, `${id}\n${workflowId}`);
	}

	disarm(): void {
		rmSync(this.file);
	}

	/** @throws Failure when n8n has not reached the point within a minute */
	async killed(): Promise<void> {
		const { process } = this.instance;
		const isKilled = await until(() => !process.running, KILLED_WITHIN_MS);
		this.disarm();
		if (!isKilled) throw new Failure('n8n did not reach the point at which it was to be killed');
		// The processes that it has started, too.
		await this.instance.kill();
	}
}
