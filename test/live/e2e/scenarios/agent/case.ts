import type { Emulator, EmulatorOptions } from '../../../../../playground/emulator/server.ts';
import type { JsonObject } from '../../../../../playground/executions.ts';
import type { Node } from '../../../harness/workflows.ts';
import type { Turn } from './model.ts';

/** What came of an agent's work. */
export interface Outcome {
	/** What each call gave the model, in their order. */
	results: string[];
	emulator: Emulator;
	/** A job that was there from the start. */
	jobId: string;
}

export interface Case {
	promise: string;
	/** Tools of this case's own; without them, the documented ones. */
	tools?: Node[];
	/** Version of n8n's AI Agent; without it, that of the documented one. */
	agentVersion?: number;
	options?: EmulatorOptions;
	/** The model's answers. */
	turns(jobId: string): Turn[];
	/** What must have come of it; undefined, or what is wrong. */
	problem(outcome: Outcome): string | undefined;
}

const DAY_MS = 86_400_000;

export const itemsOf = (result: string | undefined) => JSON.parse(result ?? '[]') as JsonObject[];
export const rowsOf = (result: string | undefined) => itemsOf(result).filter(({ note }) => !note);

export const call =
	(toolName: string, args: JsonObject = {}): Turn =>
	() => [{ tool: toolName, arguments: args }];

export const day = (daysAgo: number) =>
	new Date(Date.now() - daysAgo * DAY_MS).toISOString().slice(0, 10);

export const exportsOf = ({ emulator, jobId }: Outcome) =>
	emulator.control.ledger().jobs.filter((job) => job.jobId !== jobId);

export const differs = (actual: unknown, expected: unknown) =>
	JSON.stringify(actual) === JSON.stringify(expected)
		? undefined
		: `${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`;

export const last7Days = { date_range: 'last7Days', event_types: 'track', limit: 50 };
