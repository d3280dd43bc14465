import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';

import { installCommunityPackage, requireBuildTools } from './community-package.ts';
import {
	DATA_TABLE,
	type Demo,
	type ExportedRows,
	prepareDemo,
	runExport,
	waitForFiles,
} from './demo.ts';
import { type DownloadedFile, downloadFile } from './downloads.ts';
import { Failure } from './failure.ts';
import { installN8n } from './install.ts';
import { claimFolder } from './lock.ts';
import { ownerLogin } from './login.ts';
import { type N8n, startN8n } from './n8n.ts';
import { type Options, readOptions } from './options.ts';
import { DATA, LOGS } from './paths.ts';
import { freePort, portIsFree } from './ports.ts';
import { killAllProcesses, stopAllProcesses } from './processes.ts';
import { showStep } from './progress.ts';
import { filesTable, rowsTable } from './report.ts';
import { type Login, N8nClient } from './rest.ts';
import { realUserpilot, startEmulator, type Userpilot } from './userpilot.ts';

const EDITOR_PORT = 5678;

let stopping = false;
/** Whether the demo is over, so that Ctrl-C ends the program with exit code 0. */
let demoDone = false;

async function main(options: Options): Promise<void> {
	requireSystem();
	requireBuildTools();
	await claimFolder(DATA);
	// At the same time, because installing n8n takes minutes. A failure is reported below.
	const packageIsInstalled = installCommunityPackage(DATA);
	packageIsInstalled.catch(() => undefined);
	await installN8n();
	await showStep(
		'Building the package and installing it in n8n',
		async () => await packageIsInstalled,
	);
	const port = await editorPort(options);
	const userpilot =
		realUserpilot(process.env) ??
		(await showStep('Starting the Userpilot emulator', startEmulator));
	const n8n = await showStep(
		'Starting n8n',
		async () => await startN8n({ userFolder: DATA, port }),
	);
	const login = ownerLogin(DATA);
	const client = new N8nClient(n8n.url);
	const demo = await showStep('Preparing login, credential and workflows', async () => {
		await client.logIn(login);
		return await prepareDemo(client, userpilot);
	});
	const { rows, files } = await runDemo(client, demo, userpilot);
	console.log(
		[
			`\nRows that one node returned in n8n (the first 5):\n\n${rowsTable(rows)}`,
			`\nFiles that the trigger reported in n8n, downloaded from their links:\n\n${filesTable(files)}\n`,
		].join('\n'),
	);
	if (!options.once) await keepRunning(n8n, login, demo, userpilot);
}

function requireSystem(): void {
	if (process.platform !== 'win32') return;
	throw new Failure('npm start needs Linux or macOS. On Windows, use WSL.');
}

/** One export from start to end: started by n8n, reported by the trigger, downloaded from its links. */
async function runDemo(
	client: N8nClient,
	demo: Demo,
	userpilot: Userpilot,
): Promise<{ rows: ExportedRows['rows']; files: DownloadedFile[] }> {
	const { jobId, rows } = await showStep(
		'Running the export workflow',
		async () => await runExport(client, demo, userpilot),
	);
	const links = await showStep(
		'Waiting for the trigger in n8n',
		async (step) => await waitForFiles(client, demo, userpilot, jobId, step),
	);
	const files = await showStep('Downloading the files', async () => {
		const downloaded: DownloadedFile[] = [];
		for (const link of links) downloaded.push(await downloadFile(link));
		return downloaded;
	});
	return { rows, files };
}

async function editorPort(options: Options): Promise<number> {
	const wanted = options.port ?? EDITOR_PORT;
	if (await portIsFree(wanted)) return wanted;
	if (options.port !== undefined) {
		throw new Failure(
			`Port ${wanted} is in use. Stop the program that uses it, or choose another port: npm start -- --port 5778`,
		);
	}
	const port = await freePort();
	console.log(`  Port ${wanted} is in use. The editor uses port ${port} this time.`);
	return port;
}

async function keepRunning(
	n8n: N8n,
	login: Login,
	demo: Demo,
	userpilot: Userpilot,
): Promise<void> {
	console.log(
		[
			`  Editor       ${n8n.url}/home/workflows`,
			`  Login        ${login.email}`,
			`  Password     ${login.password}`,
			`  Export       ${n8n.url}/workflow/${demo.exportWorkflow.id}`,
			`  Files        ${n8n.url}/workflow/${demo.filesWorkflow.id}`,
			`  Data table   ${n8n.url}/home/datatables (${DATA_TABLE})`,
			...(userpilot.emulated
				? [`  Emulator     ${userpilot.baseUrl} (Base URL), ${userpilot.apiKey} (API Key)`]
				: []),
			'\nPress Ctrl-C to stop. Delete playground/.data to start over.\n',
		].join('\n'),
	);
	demoDone = true;
	await n8n.process.ended;
	if (!stopping) throw new Failure(`n8n stopped unexpectedly. Log: ${n8n.process.logFile}`);
}

/** On Ctrl-C, or when the terminal closes, stops every process first. */
function stopOnSignals(): void {
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		process.on(signal, () => {
			if (stopping) process.exit(130); // The second time, exit at once.
			stopping = true;
			console.log('\nStopping …');
			void stopAllProcesses().then(() => {
				console.log('Stopped.');
				process.exit(demoDone ? 0 : 130);
			});
		});
	}
	process.on('exit', killAllProcesses);
}

function report(error: unknown): void {
	if (stopping) return;
	process.exitCode = 1;
	if (error instanceof Failure) {
		console.error(`\n${error.message}`);
		return;
	}
	const logFile = path.join(LOGS, 'error.log');
	mkdirSync(LOGS, { recursive: true });
	writeFileSync(logFile, inspect(error));
	const message = error instanceof Error ? error.message : String(error);
	console.error(`\nThe playground failed (${message}). Log: ${logFile}`);
}

stopOnSignals();
try {
	await main(readOptions(process.argv.slice(2)));
} catch (error) {
	report(error);
}
if (!stopping) {
	await stopAllProcesses();
	process.exit();
}
