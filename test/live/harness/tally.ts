import type { Instance } from './n8n.ts';
import type { Watch } from './watch.ts';
import { TRIGGER } from './workflows.ts';

/**
 * Compares the jobs of one workflow, by the emulator's ledger, with the executions in n8n.
 *
 * n8n starts an execution in two writes: what the trigger remembers, and the execution. While n8n is down
 * after a kill, its database shows whether there is one without the other. Only such a job may be missing,
 * or fire twice, and it is counted apart.
 */
export class Tally {
	/** Jobs that had ended before the workflow was first published. */
	old: string[] = [];

	/** Job → the executions that it has started. Collected repeatedly, as n8n changes executions that have crashed. */
	private readonly executions = new Map<string, Set<number>>();
	/** Job → Unix time in ms of the first of them. */
	private readonly firedAt = new Map<string, number>();
	/** The jobs of each execution, in their order. */
	private readonly order = new Map<number, string[]>();
	private readonly lostByHost = new Set<string>();
	private readonly repeatedByHost = new Set<string>();
	private readonly interrupted = new Set<number>();

	private readonly instance: Instance;
	private readonly watch: Watch;

	constructor(instance: Instance, watch: Watch) {
		this.instance = instance;
		this.watch = watch;
	}

	private get firesForOld(): boolean {
		return this.watch.name.includes('existing');
	}

	/** Jobs that must have fired by now. */
	private due() {
		const { control } = this.watch.emulator;
		return control
			.ledger()
			.jobs.filter(
				({ jobId, status }) =>
					status === 'completed' && (this.firesForOld || !this.old.includes(jobId)),
			);
	}

	collect() {
		const found = this.instance.read((database) => database.executions(this.watch.name));
		for (const execution of found) {
			const ids = execution.started(TRIGGER);
			if (ids.length > 0 && !this.order.has(execution.id)) this.order.set(execution.id, ids);
			if (execution.status === 'crashed' && ids.length > 0) this.interrupted.add(execution.id);
			for (const id of ids) {
				const executions = this.executions.get(id) ?? new Set();
				this.executions.set(id, executions.add(execution.id));
				if (!this.firedAt.has(id)) this.firedAt.set(id, execution.createdAt);
			}
		}
		const missing = this.due().filter(
			({ jobId }) => !this.executions.has(jobId) && !this.lostByHost.has(jobId),
		);
		return { missing: missing.map(({ jobId }) => jobId) };
	}

	/** After a stop or a kill: finds jobs of which n8n has made only one of its two writes. */
	readWhileDown(): void {
		this.collect();
		const saved = this.instance.read((database) => database.staticData(this.watch.name, TRIGGER));
		const handled = new Set(Object.keys((saved?.handled as object | undefined) ?? {}));
		for (const { jobId } of this.due()) {
			const hasExecution = this.executions.has(jobId);
			if (handled.has(jobId) && !hasExecution) this.lostByHost.add(jobId);
			if (hasExecution && !handled.has(jobId)) this.repeatedByHost.add(jobId);
		}
	}

	/** Whether each job has ended, also those that end in the future, and has fired. */
	isComplete(): boolean {
		const { jobs } = this.watch.emulator.control.ledger();
		const haveEnded = jobs.every(({ endedAt }) => endedAt !== null);
		return haveEnded && this.collect().missing.length === 0;
	}

	result() {
		const { jobs, requests } = this.watch.emulator.control.ledger();
		const endedAt = new Map(jobs.map(({ jobId, endedAt }) => [jobId, endedAt ?? '']));
		const failedOnce = new Set(
			requests
				.filter(({ fault, status }) => fault || status !== 200)
				.map(({ path }) => path.split('/').at(-1)),
		);
		const runs = [...this.order].sort(([a], [b]) => a - b).map(([, ids]) => ids);
		const sequence = runs.flat();
		let disordered = 0;
		let overtaken = 0;
		sequence.forEach((id, index) => {
			const isLate = sequence
				.slice(0, index)
				.some((before) => endedAt.get(before)! > endedAt.get(id)!);
			if (isLate && failedOnce.has(id)) overtaken++;
			else if (isLate) disordered++;
		});
		const twice = [...this.executions].filter(
			([id, executions]) => executions.size > (this.repeatedByHost.has(id) ? 2 : 1),
		);
		return {
			due: this.due().length,
			missing: this.collect().missing,
			twice: twice.map(([id]) => id),
			unexpected: this.firesForOld ? [] : this.old.filter((id) => this.executions.has(id)),
			lostByHost: [...this.lostByHost].filter((id) => !this.executions.has(id)),
			repeatedByHost: [...this.repeatedByHost].filter((id) => this.executions.get(id)!.size > 1),
			/** From a job's end to its execution; jobs that had ended before the start are left out. */
			lateMs: [...this.firedAt].flatMap(([id, at]) =>
				this.old.includes(id) ? [] : at - Date.parse(endedAt.get(id)!),
			),
			disordered,
			overtaken,
			interrupted: this.interrupted.size,
			calls: requests.length,
			faults: requests.filter(({ fault }) => fault).length,
		};
	}
}
