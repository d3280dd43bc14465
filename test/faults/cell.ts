import { createHash } from 'node:crypto';
import type { IBinaryData, INodeParameters } from 'n8n-workflow';

import type { BinaryStore } from '../support/binaryStore';
import { onFastClock } from '../support/clock';
import type { ExportEmulator } from '../support/emulator';
import type { TestedFault } from './faults';
import type { Places } from './places';
import type { Outcome, Way } from './ways';
import { asShown } from './words';

const NOW = '2024-10-06T10:44:50Z';
/** Longer than a job takes. */
const JOB_MS = 10_000;

/** An operation, and the request that fails, by the emulator's name for it. */
export interface Target {
	/** Its name in the table. */
	name: string;
	way: Way;
	call: string;
	/** Whether it is the first request, which fails with a wrong address or key. */
	isFirst?: boolean;
}

/** How often a request fails. */
export type Mode = 'once' | 'always';

/** What a fault did to one operation. */
export interface Cell {
	/** What the user reads, if anything. */
	reads: string;
	/** What happened to the data. */
	data: string;
}

/** A run and its result, as text that is equal for equal data. */
interface Attempt extends Outcome {
	result: string;
	/** Exports that it has started. */
	started: string[];
}

/** What differs between two runs: IDs, signatures and times. */
const VARYING_FIELDS = new Set(['end_time', 'start_time', 'elapsed_time', 'elapsed_time_seconds']);
const VARYING_TEXT = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|\?X-Amz-.*|· [0-9a-f]{8}$/g;

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

function isComplete(attempt: Attempt, expected: Attempt, { gives }: Partial<TestedFault> = {}) {
	if (attempt.error) return false;
	if (gives === undefined) return attempt.result === expected.result;
	return new Set(attempt.items.map(({ id }) => id)).size === gives;
}

/** What an error says about a started export, which takes time and blocks others. */
function exportsOf(call: string, { error, started }: Attempt): string[] {
	const words = `${error!.message} ${error!.description}`;
	if (!started.every((id) => words.includes(id))) return ['an export started, UNNAMED'];
	if (call !== 'createExport') return [];
	return [started.length === 0 ? 'no export was started' : 'the error names the export'];
}

const partOf = ({ items }: Attempt, expected: number) =>
	items.length === expected
		? 'returned as it is'
		: `${items.length} of ${plural(expected, 'item')}`;

/** Runs operations in n8n's engine, against an API with faults. */
export class Bench {
	private readonly expected = new Map<Way, Promise<Attempt & { calls: Map<string, number> }>>();
	private readonly userpilot: ExportEmulator;
	private readonly store: BinaryStore;
	private readonly places: Places;

	constructor(userpilot: ExportEmulator, store: BinaryStore, places: Places) {
		this.userpilot = userpilot;
		this.store = store;
		this.places = places;
	}

	/** Runs an operation with a fault and, if it is not complete, again without it. */
	async cell({ way, call }: Target, fault: TestedFault, mode: Mode): Promise<Cell> {
		const { control } = this.userpilot;
		const expected = await this.undisturbed(way);
		return await this.onFastClock(async () => {
			const run = this.begin(way, fault.options);
			const before = control.settings();
			control.set(fault.settings?.(this.places) ?? {});
			const times = mode === 'once' ? { times: 1 } : {};
			control.setFaults(fault.strike ? [{ ...fault.strike, ...times, operation: call }] : []);
			const struck = await run(fault.credentials?.(this.places));
			if (isComplete(struck, expected, fault)) {
				const more = this.userpilot.calls(call) - expected.calls.get(call)!;
				return {
					reads: '',
					data: `complete${more > 0 ? `, with ${plural(more, 'more request')}` : ''}`,
				};
			}
			control.setFaults([]);
			control.set(before);
			// What was started has ended when the operation is run again.
			control.advance(JOB_MS);
			const again = await run();
			const data = struck.error ? exportsOf(call, struck) : [partOf(struck, expected.items.length)];
			const repaired = isComplete(again, expected) ? 'complete' : 'LOST';
			return {
				reads: this.reads(struck),
				data: [...data, `${way.next ?? 'run again'}: ${repaired}`].join('; '),
			};
		}, fault);
	}

	/** The result of the operation without faults, and the requests that it sends. */
	private async undisturbed(way: Way) {
		const known = this.expected.get(way);
		if (known) return await known;
		const run = this.onFastClock(async () => {
			const attempt = await this.begin(way)();
			const calls = new Map<string, number>();
			for (const { operation } of this.userpilot.control.ledger().requests) {
				calls.set(operation!, (calls.get(operation!) ?? 0) + 1);
			}
			return { ...attempt, calls };
		});
		this.expected.set(way, run);
		return await run;
	}

	private async onFastClock<T>(run: () => Promise<T>, fault?: TestedFault): Promise<T> {
		const staysSilent = ['silence', 'stall-body'].includes(fault?.strike?.kind ?? '');
		const { isSilent } = this.userpilot;
		return (await onFastClock(NOW, run, staysSilent ? isSilent : undefined)).result;
	}

	/** An API with one completed job. */
	private begin(way: Way, options?: INodeParameters) {
		const { control } = this.userpilot;
		control.reset();
		this.store.reset();
		const [jobId = ''] = control.seedJobs({ endTimes: [NOW] });
		const run = way.begin(jobId, options);
		return async (credentials = {}): Promise<Attempt> => {
			await this.store.onDisk();
			control.clearRequests();
			const known = this.exports().length;
			const outcome = await run({ ...this.userpilot.credentials, ...credentials });
			if (outcome.error) expect([outcome.items, this.store.files]).toEqual([[], []]);
			const started = this.exports().slice(known);
			return { ...outcome, started, result: await this.resultOf(way, outcome, started) };
		};
	}

	private exports(): string[] {
		return this.userpilot.control.ledger().jobs.map(({ jobId }) => jobId);
	}

	private async resultOf({ operation }: Way, { items }: Outcome, started: string[]) {
		if (operation === 'export.create') {
			// Found in the list, a job says other things of itself.
			const own = items.map(({ job_id, reused }) => [job_id === started.at(-1), reused]);
			return JSON.stringify([own, started.length]);
		}
		const told = await Promise.all(
			items.map(async (item) => {
				const { data } = (item.binary ?? {}) as { data?: IBinaryData };
				const bytes = data && (await this.store.content(data));
				return bytes ? { ...item, binary: createHash('sha256').update(bytes).digest('hex') } : item;
			}),
		);
		return JSON.stringify([told, started.length], (field, value: unknown) => {
			if (VARYING_FIELDS.has(field)) return undefined;
			return typeof value === 'string' ? value.replace(VARYING_TEXT, '…') : value;
		});
	}

	private reads({ error, warnings }: Outcome): string {
		const { apiUrl, filesUrl } = this.userpilot.emulator;
		const words = error ? `${error.message} — ${error.description}` : warnings.join(' ');
		return asShown(words, apiUrl, filesUrl);
	}
}
