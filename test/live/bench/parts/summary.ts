import { setTimeout as sleep } from 'node:timers/promises';

import type { JsonObject } from '../../../../playground/executions.ts';
import { Failure } from '../../../../playground/failure.ts';
import { installN8n } from '../../../../playground/install.ts';
import { Instance } from '../../harness/n8n.ts';
import { count, markdownTable, megabytes, seconds, times } from '../../harness/report.ts';
import { watchResidentMemory } from '../../harness/resident-memory.ts';
import type { CountedExport } from '../../harness/store/exports.ts';
import type { GroupColumn } from '../../harness/store/groups.ts';
import { requireWhole } from '../../harness/store/store.ts';
import { type Bench, measure, requireCount } from '../bench.ts';
import {
	LABEL_AND_COMPANY,
	type SummaryChain,
	summaryChains,
	THREE_COLUMNS,
} from '../n8n/summary-chains.ts';

/** Different rows, which a file repeats. */
const BODY_ROWS = 500_000;
const REPEATS = [1, 2, 4, 10];
const OWN_BODY_ROWS = 100_000;
const OWN_REPEATS = [1, 2, 4];
const WARM_UP_ROWS = 1_000;
/** After a start and a warm-up n8n's memory comes to rest. */
const REST_MS = 5_000;
const MAX_RATIO = 1.5;
const MAX_MEMORY_BYTES = 150e6;
const ENV = { N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem' };

interface Cost {
	ms: number;
	/** Growth of n8n's resident memory at its peak, in bytes. */
	memory: number;
}

/** Tables, and whether all limits were kept. */
export interface Report {
	text: string;
	ok: boolean;
}

/** Summaries in a real n8n, which starts anew for each execution, so that each shows all of its memory. */
export async function summary(bench: Bench): Promise<Report> {
	await installN8n();
	const instance = await Instance.launch(bench.workspace.folder('n8n-summary'), { env: ENV });
	const { id } = await instance.client.saveCredential('Userpilot', 'userpilotApi', {
		apiKey: 'benchmark',
		baseUrl: bench.store.origin,
	});
	for (const chain of summaryChains(id)) await instance.publish(chain);
	const sizes = await againstBareLimit(bench, instance);
	const own = await againstOwnChain(bench, instance);
	const fields = await outputFields(bench, instance);
	await instance.stop();
	return { text: [sizes.text, own, fields].join('\n\n'), ok: sizes.ok };
}

/** One execution in an n8n that has just started and done a small one of its kind. */
async function once(
	bench: Bench,
	instance: Instance,
	chain: SummaryChain,
	stored: CountedExport,
	check: (items: JsonObject[]) => void,
): Promise<Cost> {
	await instance.stop();
	await instance.start();
	await instance.callWebhook(`${chain}?job=${bench.store.exports.makeCounted(WARM_UP_ROWS).jobId}`);
	await sleep(REST_MS);
	const grown = watchResidentMemory(instance.process.pid);
	try {
		const { text, ms } = await instance.callWebhook(`${chain}?job=${stored.jobId}`);
		const memory = grown();
		console.log(`    ${chain}, ${count(stored.rows)} rows: ${seconds(ms)}, +${megabytes(memory)}`);
		check([JSON.parse(text) as JsonObject | JsonObject[]].flat());
		return { ms, memory };
	} finally {
		grown();
	}
}

/** The same several times, the least time and the most memory count. */
async function repeated(rounds: number, run: () => Promise<Cost>): Promise<Cost> {
	const costs: Cost[] = [];
	for (let round = 0; round < rounds; round += 1) costs.push(await run());
	return {
		ms: Math.min(...costs.map(({ ms }) => ms)),
		memory: Math.max(...costs.map(({ memory }) => memory)),
	};
}

/** @returns checks that the items are the groups that were counted while the rows were generated */
const groupsOf =
	({ groups, repeat }: CountedExport, columns: readonly GroupColumn[], countColumn = 'count') =>
	(items: JsonObject[]) => {
		const texts = items.map((item) => {
			const key = JSON.stringify(columns.map((column) => item[column]));
			return `${key} ${String(item[countColumn])} ${String(item.unique_count_user_id)}`;
		});
		const expected = groups.by(columns, repeat);
		const wrong = texts.sort().findIndex((text, index) => text !== expected[index]);
		if (wrong < 0 && texts.length === expected.length) return;
		throw new Failure(
			`${texts.length} groups instead of ${expected.length}: ${texts[wrong]} instead of ${expected[wrong]}`,
		);
	};

async function againstBareLimit(bench: Bench, instance: Instance): Promise<Report> {
	const body: string[][] = [];
	let ok = true;
	for (const repeat of REPEATS) {
		const stored = bench.store.exports.makeCounted(BODY_ROWS, repeat);
		const groups = stored.groups.by(LABEL_AND_COMPANY, repeat).length;
		let bareMs = Infinity;
		const { ms, memory } = await repeated(bench.rounds, async () => {
			const work = 'bare: NDJSON rows, none kept';
			const bare = await measure(bench, { work, export: stored });
			requireCount(work, bare.count, stored.rows);
			bareMs = Math.min(bareMs, bare.ms);
			console.log(`    bare limit, ${count(stored.rows)} rows: ${seconds(bare.ms)}`);
			const check = groupsOf(stored, LABEL_AND_COMPANY);
			return await once(bench, instance, 'by-label', stored, check);
		});
		const isKept = ms <= bareMs * MAX_RATIO && memory <= MAX_MEMORY_BYTES;
		ok &&= isKept;
		body.push([
			count(stored.rows),
			megabytes(stored.bytes),
			count(groups),
			seconds(ms),
			seconds(bareMs),
			times(ms / bareMs),
			`+${megabytes(memory)}`,
			isKept ? 'yes' : 'NO',
		]);
	}
	const limits = `≤ ${MAX_RATIO} ×, ≤ +${megabytes(MAX_MEMORY_BYTES)}`;
	const headings = ['Rows', 'JSON', 'Groups', 'In n8n', 'Bare limit', 'Ratio', 'Memory', limits];
	return { text: markdownTable(headings, body), ok };
}

/** n8n's own chain takes minutes, so both run once. */
async function againstOwnChain(bench: Bench, instance: Instance): Promise<string> {
	const body: string[][] = [];
	for (const repeat of OWN_REPEATS) {
		const stored = bench.store.exports.makeCounted(OWN_BODY_ROWS, repeat);
		const run = async (chain: SummaryChain, countColumn?: string) =>
			await once(bench, instance, chain, stored, groupsOf(stored, THREE_COLUMNS, countColumn));
		const ours = await run('by-three');
		const own = await run('own-by-three', 'count_event_type');
		body.push([
			count(stored.rows),
			seconds(ours.ms),
			seconds(own.ms),
			`${times(own.ms / ours.ms)} faster`,
			`+${megabytes(ours.memory)}`,
			`+${megabytes(own.memory)}`,
		]);
	}
	const headings = [
		'Rows',
		'Output Summary',
		"Output Rows, n8n's Summarize",
		'Ratio',
		'Memory: Summary',
		'Rows, Summarize',
	];
	return markdownTable(headings, body);
}

/** Rows as items: five columns against all. */
async function outputFields(bench: Bench, instance: Instance): Promise<string> {
	const stored = bench.store.exports.makeCounted(BODY_ROWS);
	const run = async (chain: SummaryChain) =>
		await repeated(
			bench.rounds,
			async () =>
				await once(bench, instance, chain, stored, ([last]) => requireWhole(chain, last!, stored)),
		);
	const all = await run('all-fields');
	const five = await run('five-fields');
	const cells = (what: string, { ms, memory }: Cost) => [
		what,
		count(stored.rows),
		seconds(ms),
		`+${megabytes(memory)}`,
	];
	return markdownTable(
		['Items', 'Rows', 'In n8n', 'Memory'],
		[
			cells('all columns', all),
			cells('five Output Fields', five),
			['ratio', '', times(five.ms / all.ms), times(five.memory / all.memory)],
		],
	);
}
