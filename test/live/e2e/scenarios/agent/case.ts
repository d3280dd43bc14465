import type { Emulator, EmulatorOptions } from '../../../../../playground/emulator/server.ts';
import type { JsonObject } from '../../../../../playground/executions.ts';
import type { Node } from '../../../harness/workflows.ts';
import type { Turn } from './model.ts';

/** The outcome of an agent's work. */
export interface Outcome {
	/** The results of the tool calls, in their order. */
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
	/** The model's messages. */
	turns(jobId: string): Turn[];
	/** What is wrong with the outcome, or undefined. */
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
