import { setTimeout as sleep } from 'node:timers/promises';

import type { JsonObject } from '../../../../playground/executions.ts';
import { installN8n } from '../../../../playground/install.ts';
import { Instance } from '../../harness/n8n.ts';
import { count, megabytes, seconds, times } from '../../harness/report.ts';
import { watchResidentMemory } from '../../harness/resident-memory.ts';
import type { StoredExport } from '../../harness/store/exports.ts';
import { requireWhole } from '../../harness/store/store.ts';
import type { Bench } from '../bench.ts';
import type { Finding } from '../finding.ts';
import { type ChainKind, type OwnChainKind, ownNodesChain, userpilotChain } from '../n8n/chains.ts';

/** n8n's own nodes end in an error at three times as many. */
const ROWS = 40_000;
const BINARY_BODY_ROWS = 100_000;
const BINARY_REPEATS = 4;
const WARM_UP_ROWS = 1_000;
/** After a start and a warm-up n8n's memory comes to rest. */
const REST_MS = 5_000;
const MAX_MEMORY_SHARE = 0.25;
const ENV = { N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem' };

interface Comparison {
	ours: ChainKind;
	own: OwnChainKind;
	format: 'json' | 'csv';
	/** How many times faster ours has to be. */
	limit?: number;
}

/** The files first: what rows leave behind would hide their memory. */
const COMPARISONS: Comparison[] = [
	{ ours: 'files', own: 'files', format: 'json', limit: 2 },
	{ ours: 'ndjson', own: 'ndjson', format: 'json', limit: 5 },
	{ ours: 'ndjson', own: 'ndjson-told-utf8', format: 'json' },
	{ ours: 'csv', own: 'csv', format: 'csv', limit: 2 },
];

interface Side {
	instance: Instance;
	prefix: string;
}

/** Whole workflows in a real n8n: our one node against n8n's own nodes, each in an n8n of its own. */
export async function n8n(bench: Bench): Promise<Finding[]> {
	await installN8n();
	const sides = { ours: await startOurs(bench), own: await startOwn(bench) };
	const findings: Finding[] = [];
	for (const comparison of COMPARISONS) findings.push(...(await compare(bench, comparison, sides)));
	return findings;
}

async function startOurs({ workspace, store }: Bench): Promise<Side> {
	const instance = await Instance.launch(workspace.folder('n8n-ours'), { env: ENV });
	const { id } = await instance.client.saveCredential('Userpilot', 'userpilotApi', {
		apiKey: 'benchmark',
		baseUrl: store.origin,
	});
	const kinds = new Set(COMPARISONS.map(({ ours }) => ours));
	for (const kind of kinds) await instance.publish(userpilotChain(kind, id));
	return { instance, prefix: 'ours' };
}

async function startOwn({ workspace, store }: Bench): Promise<Side> {
	const instance = new Instance(workspace.folder('n8n-own'), { env: ENV });
	await instance.start();
	for (const { own } of COMPARISONS) await instance.publish(ownNodesChain(own, store.origin));
	return { instance, prefix: 'own' };
}

interface Results {
	oursMs: number;
	ownMs: number;
	oursMemory: number;
	ownMemory: number;
}

async function compare(
	bench: Bench,
	comparison: Comparison,
	{ ours, own }: Record<'ours' | 'own', Side>,
): Promise<Finding[]> {
	const { exports } = bench.store;
	const { format } = comparison;
	const isBinary = comparison.ours === 'files';
	const stored = isBinary
		? exports.make(format, BINARY_BODY_ROWS, BINARY_REPEATS)
		: exports.make(format, ROWS);
	const runOurs = async (file: StoredExport) => await run(ours, comparison.ours, file);
	const runOwn = async (file: StoredExport) => await run(own, comparison.own, file);
	const warmUp = exports.make(format, WARM_UP_ROWS);
	await runOurs(warmUp);
	await runOwn(warmUp);
	await sleep(REST_MS);
	const oursMemory = watchResidentMemory(ours.instance.process.pid);
	const ownMemory = watchResidentMemory(own.instance.process.pid);
	let [oursMs, ownMs] = [Infinity, Infinity];
	for (let round = 0; round < bench.rounds; round += 1) {
		oursMs = Math.min(oursMs, await runOurs(stored));
		ownMs = Math.min(ownMs, await runOwn(stored));
	}
	const results = { oursMs, ownMs, oursMemory: oursMemory(), ownMemory: ownMemory() };
	return findingsOf(comparison, stored, results);
}

/** Runs a chain once, in ms. */
async function run({ instance, prefix }: Side, kind: OwnChainKind, stored: StoredExport) {
	const chain = `${prefix}-${kind}`;
	const { text, ms } = await instance.callWebhook(`${chain}?job=${stored.jobId}`);
	requireWhole(chain, JSON.parse(text) as JsonObject, stored);
	return ms;
}

function findingsOf(
	{ ours, own, limit }: Comparison,
	stored: StoredExport,
	{ oursMs, ownMs, oursMemory, ownMemory }: Results,
): Finding[] {
	const isBinary = ours === 'files';
	const size = isBinary ? megabytes(stored.bytes) : `${count(stored.rows)} rows`;
	const what = `in n8n: ${own}, ${size}`;
	const faster = ownMs / oursMs;
	const share = oursMemory / ownMemory;
	const time: Finding = {
		what,
		ours: seconds(oursMs),
		against: seconds(ownMs),
		ratio: `${times(faster)} faster`,
		limit: limit === undefined ? '' : `≥ ${limit} × faster`,
		ok: limit === undefined ? undefined : faster >= limit,
	};
	const memory: Finding = {
		what: `${what}, memory at its peak`,
		ours: `+${megabytes(oursMemory)}`,
		against: `+${megabytes(ownMemory)}`,
		ratio: times(share),
		limit: `≤ ${MAX_MEMORY_SHARE} ×`,
		ok: share <= MAX_MEMORY_SHARE,
	};
	return isBinary ? [time, memory] : [time];
}
