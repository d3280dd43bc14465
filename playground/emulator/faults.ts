import { seededRandom } from './random.ts';

export const FAULT_KINDS = [
	'status',
	'html',
	'empty',
	'body',
	'redirect',
	'silence',
	'reset',
	'reset-after',
	'slow',
	'stall-body',
	'truncate',
	'corrupt',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** A fault. README.md says what each kind does. */
export interface Fault {
	/** An operationId of the contract, `file`, or `*` (default) for every request. */
	operation?: string;
	kind: FaultKind;
	/** HTTP status of `status` (503), `html` (502), `empty` and `body` (200), and `redirect` (302). */
	status?: number;
	/** Retry-After of `status`, `html` and `empty`, in seconds or as an HTTP date. */
	retryAfter?: number | string;
	/** The body that `body` sends: as text, or as bytes in base64. */
	text?: string;
	base64?: string;
	/** Target of `redirect`. Default: the same path of the file store. */
	location?: string;
	/** How long `slow` waits. */
	delayMs?: number;
	/** Body bytes that `stall-body` and `truncate` send, and the position that `corrupt` changes. Default: half of the body. */
	bytes?: number;
	/** Share of the matching requests that are hit, 0 to 1, drawn from the seed. Default: all. */
	rate?: number;
	/** Matching requests to skip first. */
	skip?: number;
	/** Number of hits after which the fault ends. */
	times?: number;
}

const NUMBERS = ['status', 'delayMs', 'bytes', 'rate', 'skip', 'times'] as const;
const TEXTS = ['operation', 'kind', 'location', 'text', 'base64'] as const;
const NAMES = new Set<string>([...NUMBERS, ...TEXTS, 'retryAfter']);

/** Checks faults from a request or a flag. Throws an Error that names the invalid field. */
export function readFaults(value: unknown, operations: readonly string[]): Fault[] {
	if (!Array.isArray(value)) throw new Error('Faults must be a list');
	for (const fault of value as Record<string, unknown>[]) {
		const unknown = Object.keys(fault).find((name) => !NAMES.has(name));
		if (unknown) throw new Error(`Unknown field "${unknown}" of a fault`);
		if (!FAULT_KINDS.some((kind) => kind === fault.kind)) {
			throw new Error(`kind must be one of ${FAULT_KINDS.join(', ')}`);
		}
		const operation = fault.operation ?? '*';
		if (operation !== '*' && !operations.includes(operation as string)) {
			throw new Error(`operation must be * or one of ${operations.join(', ')}`);
		}
		const wrong = NUMBERS.find((name) => fault[name] !== undefined && !(Number(fault[name]) >= 0));
		if (wrong) throw new Error(`${wrong} must be a number from 0`);
		const noText = TEXTS.find(
			(name) => fault[name] !== undefined && typeof fault[name] !== 'string',
		);
		if (noText) throw new Error(`${noText} must be a text`);
	}
	return structuredClone(value) as Fault[];
}

interface Entry {
	fault: Fault;
	matched: number;
	hits: number;
}

/** The current faults and what they have hit. */
export class FaultPlan {
	private entries: Entry[] = [];
	private random = seededRandom(1);

	/** Replaces all faults and restarts the random draws. */
	replace(faults: readonly Fault[], seed: number): void {
		this.entries = faults.map((fault) => ({ fault, matched: 0, hits: 0 }));
		this.random = seededRandom(seed);
	}

	list(): (Fault & { hits: number })[] {
		return this.entries.map(({ fault, hits }) => ({ ...fault, hits }));
	}

	private hits(entry: Entry, operation: string | null): boolean {
		const { fault } = entry;
		if ((fault.operation ?? '*') !== '*' && fault.operation !== operation) return false;
		entry.matched += 1;
		if (entry.matched <= (fault.skip ?? 0)) return false;
		if (entry.hits >= (fault.times ?? Infinity)) return false;
		return fault.rate === undefined || this.random() < fault.rate;
	}

	/** The faults of a request: the delays of all matching `slow` faults, and the first other one that matches. */
	next(operation: string | null): { delayMs: number; fault?: Fault } {
		let delayMs = 0;
		let fault: Fault | undefined;
		for (const entry of this.entries) {
			if (entry.fault.kind !== 'slow' && fault) continue;
			if (!this.hits(entry, operation)) continue;
			entry.hits += 1;
			if (entry.fault.kind === 'slow') delayMs += entry.fault.delayMs ?? 0;
			else fault = entry.fault;
		}
		return { delayMs, fault };
	}
}
