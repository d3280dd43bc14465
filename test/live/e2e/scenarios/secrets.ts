import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { showStep } from '../../../../playground/progress.ts';
import type { Findings } from '../../harness/findings.ts';
import type { Instance } from '../../harness/n8n.ts';
import { until } from '../../harness/until.ts';
import { exportWorkflow } from '../../harness/workflows.ts';
import type { Context } from '../scenario.ts';
import { casesFor } from './secrets/cases.ts';
import { Elsewhere } from './secrets/elsewhere.ts';
import { CaseRun } from './secrets/runs.ts';
import { type Place, searchUserFolder, spellings } from './secrets/search.ts';

/** Longer than the node's timeout (60 s), and its retries. */
const ENDS_WITHIN_MS = 180_000;
/** More than two polls of each trigger. */
const POLLS_MS = 15_000;

const DEBUG = {
	N8N_LOG_LEVEL: 'debug',
	N8N_LOG_OUTPUT: 'console,file',
	N8N_DEFAULT_BINARY_DATA_MODE: 'filesystem',
};

const TOKEN = 'the token';
const CANARY = 'the canary';
const LINK = 'a signed link';

const secretText = (name: string) => `${name}${randomBytes(16).toString('hex')}`;

/** Puts a text where a leak would put it: the search must find it. */
async function plantCanaries(instance: Instance, canary: string): Promise<void> {
	const parameters = { resource: 'job', operation: 'getAll', limit: `={{ "${canary}" }}` };
	await instance.client.createWorkflow(exportWorkflow('canary', 'none', parameters));
	const folder = path.join(instance.userFolder, 'canaries');
	mkdirSync(folder, { recursive: true });
	const text = Buffer.from(`Token ${canary}`);
	// Across two chunks of the search.
	const front = Buffer.alloc(1024 * 1024 - 10, '.');
	writeFileSync(path.join(folder, 'plain'), Buffer.concat([front, text]));
	writeFileSync(path.join(folder, 'base64'), `{"auth":"${text.toString('base64')}"}`);
}

/** What each server received. */
function checkServers(
	findings: Findings,
	runs: CaseRun[],
	elsewhere: Elsewhere,
	token: string,
): void {
	const requests = runs.flatMap((run) => run.requests);
	const toApi = requests.filter(({ server }) => server === 'api');
	const toFiles = requests.filter(({ server }) => server === 'files');
	findings.check(
		'the token goes with each request to the API',
		toApi.length > 0 && toApi.every(({ key }) => key === token),
		`${toApi.length} requests`,
	);
	findings.check(
		'no Authorization header goes to the file store',
		toFiles.length > 0 && toFiles.every(({ key }) => key === null),
		`${toFiles.length} requests`,
	);
	const redirected = elsewhere.requests;
	findings.check(
		'no redirect of the API is followed; those of the file store are, without Authorization',
		redirected.length > 0 &&
			redirected.every(({ path: to, authorization }) => to === '/file' && !authorization),
		`${redirected.length} requests to the other host`,
	);
}

/** What n8n, being down, has left in its folder. */
async function checkFolder(
	{ instance, findings }: Context,
	runs: CaseRun[],
	{ token, canary, signatures }: { token: string; canary: string; signatures: Set<string> },
): Promise<void> {
	const marks = [...spellings(TOKEN, token), ...spellings(CANARY, canary)];
	const links = [...signatures].map((text) => ({ what: LINK, text }));
	const search = await showStep('Searching what n8n has kept', async () => {
		await sleep(0);
		return searchUserFolder(instance.userFolder, marks, links);
	});
	findings.note(
		`Searched ${search.files} files, ${(search.bytes / 1024 / 1024).toFixed(1)} MB, and ${search.values.toLocaleString('en-US')} values in ${search.tables} tables, for the token and ${signatures.size} signatures`,
	);
	const placesOf = (what: string) => search.places.filter((place) => place.what === what);
	const list = (places: Place[]) =>
		[...new Set(places.map(({ where }) => where))].sort().join(', ');

	const canaries = list(placesOf(CANARY));
	findings.check(
		'the search finds what was planted: in the database, across two chunks, in base64',
		['workflow_entity.nodes', 'canaries/plain', 'canaries/base64'].every((place) =>
			canaries.includes(place),
		),
		canaries,
	);
	const tokens = placesOf(TOKEN);
	findings.check('the token is nowhere, at log level debug', tokens.length === 0, list(tokens));

	const asked = new Set(
		runs
			.filter(({ test }) => test.givesLinks)
			.flatMap(({ executions }) => executions.map(({ id }) => id)),
	);
	const isAskedFor = ({ where, executionId }: Place) =>
		where === 'execution_data.data' && asked.has(executionId ?? 0);
	const found = placesOf(LINK);
	const elsewhere = found.filter((place) => !isAskedFor(place));
	findings.check(
		'signed links are only in the data of executions that return them',
		found.length > elsewhere.length && elsewhere.length === 0,
		list(elsewhere) || `${asked.size} executions`,
	);
}

/** Which of our secrets n8n keeps, logs or sends on, with and without faults. */
export async function secrets(context: Context): Promise<void> {
	const { instance, findings } = context;
	const token = secretText('token');
	const canary = secretText('canary');
	const elsewhere = await Elsewhere.open();
	const runs: CaseRun[] = [];

	await showStep('Starting n8n again, at log level debug', async () => {
		await instance.stop();
		await instance.start(DEBUG);
	});
	const cases = casesFor(elsewhere.url);
	await showStep(`Running ${cases.length} workflows, with and without faults`, async () => {
		for (const [index, test] of cases.entries()) {
			runs.push(await CaseRun.begin(instance, `secrets-${index}`, test, token));
		}
		await plantCanaries(instance, canary);
		await sleep(POLLS_MS);
		for (const run of runs) await run.unpublish();
		const byHand = runs.filter(({ test }) => !test.isTrigger);
		await until(() => byHand.every(({ hasEnded }) => hasEnded), ENDS_WITHIN_MS, 500);
	});
	for (const { test, outcome } of runs) {
		const { problem, detail } = outcome;
		findings.check(test.what, problem === undefined, problem ?? detail);
	}
	const signatures = new Set<string>();
	checkServers(findings, runs, elsewhere, token);
	for (const run of runs) {
		for (const signature of await run.signatures(token)) signatures.add(signature);
	}
	await instance.stop();
	await checkFolder(context, runs, { token, canary, signatures });

	for (const { emulator } of runs) await emulator.close();
	elsewhere.close();
}
