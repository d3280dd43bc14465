import fc from 'fast-check';

import type { WorldPlan } from './world';

/** A run of a node, or a round of calls of a tool. */
export interface Execution {
	/** `tool`: by an agent, in an execution; `mcp`: by n8n's MCP Server Trigger, which has no execution ID. */
	by: 'node' | 'tool' | 'mcp';
	/** What its items or calls request. Calls of a tool run in parallel. */
	asked: string[];
	operation: 'create' | 'createAndWait';
	onConflict: 'fail' | 'wait';
	maxTries: number;
	/** ms from the start. */
	delayMs: number;
}

export interface History {
	world: WorldPlan;
	executions: Execution[];
}

const job = fc.record({
	fate: fc.constantFrom(
		...(['answered', 'answered', 'lost', 'lost', 'dropped', 'refused'] as const),
	),
	durationMs: fc.constantFrom(0, 500, 4_000, 40_000),
	ending: fc.constantFrom(...(['completed', 'completed', 'completed', 'failed', 'gone'] as const)),
	detailsRefused: fc.nat(4).map((draw) => draw === 0),
});

const execution: fc.Arbitrary<Execution> = fc.record({
	by: fc.constantFrom(...(['node', 'node', 'tool', 'mcp'] as const)),
	asked: fc.array(fc.constantFrom('alice', 'bob', 'carol', 'dave'), { minLength: 1, maxLength: 4 }),
	operation: fc.constantFrom('create', 'createAndWait'),
	onConflict: fc.constantFrom('fail', 'wait', 'wait'),
	maxTries: fc.integer({ min: 1, max: 5 }),
	delayMs: fc.constantFrom(0, 0, 3_000, 30_000),
});

/** Any history of requests for exports. */
export const history: fc.Arbitrary<History> = fc.record({
	world: fc.record({
		lagMs: fc.constantFrom(0, 1_000, 5_000, 10_000),
		jobs: fc.array(job, { maxLength: 12 }),
		strangers: fc.array(fc.nat(90_000), { maxLength: 3 }),
		outage: fc.oneof(
			{ weight: 3, arbitrary: fc.constant([0, 0] as [number, number]) },
			{
				weight: 1,
				arbitrary: fc
					.tuple(fc.nat(40_000), fc.nat(40_000))
					.map(([from, length]): [number, number] => [from, from + length]),
			},
		),
	}),
	executions: fc.array(execution, { minLength: 1, maxLength: 3 }),
});
