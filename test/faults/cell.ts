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

/** A way, and the call that the fault strikes, by the emulator's name for it. */
export interface Target {
	/** As the table names it. */
	name: string;
	way: Way;
	call: string;
}

/** How often a call is struck. */
export type Mode = 'once' | 'always';

/** What a fault did to one operation. */
export interface Cell {
	/** What the person reads; blank where there is nothing to read. */
	reads: string;
	/** What became of the data. */
	data: string;
}

/** A run, and what came of it, as text that is the same for the same data. */
interface Attempt extends Outcome {
	result: string;
}

/** What no two runs have in common: IDs, signatures, and what a pause shifts. */
const VARYING_FIELDS = new Set(['end_time', 'start_time', 'elapsed_time', 'elapsed_time_seconds']);
const VARYING_TEXT = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|\?X-Amz-.*/g;

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Runs operations through n8n's engine, against an API that misbehaves. */
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

	/** Runs an operation while a fault strikes and, where that was not enough, again when it is over. */
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
			if (!struck.error && struck.result === expected.result) {
				const more = this.userpilot.calls(call) - expected.calls.get(call)!;
				return { reads: '', data: more > 0 ? `complete, with ${plural(more, 'more call')}` : 'complete' };
			}
			const started = this.started();
			control.setFaults([]);
			control.set(before);
			const again = await run();
			const isComplete = !again.error && again.result === expected.result;
			return {
				reads: this.reads(struck),
				data: [
					...(struck.error ? this.exports(way, struck, started) : [this.part(struck, expected)]),
					isComplete ? `${way.next ?? 'run again'}: complete` : 'LOST',
				].join('; '),
			};
		});
	}

	/** What the operation gives where nothing goes wrong, and the calls that it makes. */
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

	private async onFastClock<T>(run: () => Promise<T>): Promise<T> {
		return (await onFastClock(NOW, run, this.userpilot.isSilent)).result;
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
			const outcome = await run({ ...this.userpilot.credentials, ...credentials });
			if (outcome.error) expect([outcome.items, this.store.files]).toEqual([[], []]);
			return { ...outcome, result: await this.resultOf(outcome) };
		};
	}

	private async resultOf({ items }: Outcome): Promise<string> {
		const told = await Promise.all(
			items.map(async (item) => {
				const { data } = (item.binary ?? {}) as { data?: IBinaryData };
				const bytes = data && (await this.store.content(data));
				return bytes ? { ...item, binary: createHash('sha256').update(bytes).digest('hex') } : item;
			}),
		);
		return JSON.stringify(told, (field, value: unknown) => {
			if (VARYING_FIELDS.has(field)) return undefined;
			return typeof value === 'string' ? value.replace(VARYING_TEXT, '…') : value;
		});
	}

	/** The exports that were started; the first job was there before. */
	private started(): string[] {
		return this.userpilot.control
			.ledger()
			.jobs.slice(1)
			.map(({ jobId }) => jobId);
	}

	private reads({ error, warnings }: Outcome): string {
		const { apiUrl, filesUrl } = this.userpilot.emulator;
		const words = error ? `${error.message} — ${error.description}` : warnings.join(' ');
		return asShown(words, apiUrl, filesUrl);
	}

	/** What an error says of an export, which costs Userpilot time and blocks others. */
	private exports(way: Way, { error }: Attempt, started: string[]): string[] {
		if (!way.operation?.startsWith('export.')) return [];
		if (started.length === 0) return ['no export was started'];
		const words = `${error!.message} ${error!.description}`;
		const isNamed = started.every((id) => words.includes(id));
		return [`${plural(started.length, 'export')} started, ${isNamed ? 'which the error names' : 'UNNAMED'}`];
	}

	private part({ items }: Attempt, expected: Attempt): string {
		return `${items.length} of ${plural(expected.items.length, 'item')}`;
	}
}
