import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Failure } from '../../../playground/failure.ts';
import { ownerLogin } from '../../../playground/login.ts';
import { npmEnvironment } from '../../../playground/npm.ts';
import { PROJECT } from '../../../playground/paths.ts';
import { freePort, LOOPBACK } from '../../../playground/ports.ts';
import { startProcess } from '../../../playground/processes.ts';
import { showStep } from '../../../playground/progress.ts';
import { logIn, startBrowser } from '../harness/browser.ts';
import { temporaryFolder } from '../harness/ending.ts';
import { type CommandLine, readOptions } from '../harness/options.ts';
import { machine, markdownTable, writePart } from '../harness/report.ts';
import { installTools } from '../harness/tools.ts';

const CHECK_MS = 200;
const ROWS_WITHIN_MS = 60_000;
const NODE = '[data-test-id="canvas-node"]';

const parts: Array<{ part: string; ms: number }> = [];
let lastAt = 0;

/** Notes a part that ends now, and began when the one before it ended. */
function lap(part: string): void {
	parts.push({ part, ms: Date.now() - lastAt });
	lastAt = Date.now();
}

interface Npm {
	args: string[];
	clone: string;
	/** A cache of its own, so that everything is fetched. */
	cache: string;
	log: string;
}

const runNpm = async ({ args, clone, cache, log }: Npm) =>
	await startProcess({
		command: 'npm',
		args,
		cwd: clone,
		env: { ...npmEnvironment(), npm_config_cache: cache },
		logFile: log,
	});

/** Runs `npm start`; gives the address of the workflow that has exported. */
async function start(npm: Npm): Promise<string> {
	const running = await runNpm(npm);
	let seen = 0;
	for (;;) {
		const log = readFileSync(npm.log, 'utf8');
		const steps = [...log.matchAll(/^✔ (.+) · /gm)].map(([, title = '']) => title);
		for (const step of steps.slice(seen)) lap(`\`npm start\`: ${step}`);
		seen = steps.length;
		const address = /^ +Export +(\S+)/m.exec(log)?.[1];
		if (address !== undefined) return address;
		if (!running.running) throw new Failure(`npm start has ended unexpectedly:\n\n${log}`);
		await sleep(CHECK_MS);
	}
}

/** Until the editor shows the latest execution of that workflow, with its rows. */
async function openInBrowser(workflow: string, clone: string): Promise<void> {
	const browser = await startBrowser();
	const page = await browser.newPage({ viewport: { width: 1440, height: 860 } });
	await logIn(page, new URL(workflow).origin, ownerLogin(path.join(clone, 'playground', '.data')));
	await page.goto(`${workflow}/executions`, { waitUntil: 'domcontentloaded' });
	await page.waitForSelector(NODE, { timeout: ROWS_WITHIN_MS });
	await page.locator(`${NODE}:has-text("Export Rows")`).first().dblclick();
	await page.waitForSelector('text=/^[0-9,]+ items$/ >> visible=true', { timeout: ROWS_WITHIN_MS });
	lap('a browser: login, the finished workflow with its rows');
	const picture = path.join(tmpdir(), 'userpilot-first-run.png');
	await page.screenshot({ path: picture });
	console.log(`Picture: ${picture}`);
	await browser.close();
}

async function measure(folder: string): Promise<void> {
	await installTools(folder);
	const clone = path.join(folder, 'clone');
	const cache = path.join(folder, 'cache');
	lastAt = Date.now();
	execFileSync('git', ['clone', '--quiet', PROJECT, clone]);
	lap('`git clone`');
	await showStep('npm install', async () => {
		const install = await runNpm({
			args: ['install'],
			clone,
			cache,
			log: path.join(folder, 'install.log'),
		});
		if ((await install.ended) !== 0) throw new Failure(readFileSync(install.logFile, 'utf8'));
	});
	lap('`npm install`');
	const port = String(await freePort());
	const args = ['start', '--', '--port', port];
	const log = path.join(folder, 'start.log');
	const workflow = await showStep(
		`npm start, at http://${LOOPBACK}:${port}`,
		async () => await start({ args, clone, cache, log }),
	);
	await showStep(
		'Opening the workflow in a browser',
		async () => await openInBrowser(workflow, clone),
	);
}

function report(): string {
	const total = parts.reduce((sum, { ms }) => sum + ms, 0);
	const rows = parts.map(({ part, ms }) => [
		part,
		inSeconds(ms),
		`${Math.round((100 * ms) / total)} %`,
	]);
	return [
		markdownTable(['part', 'seconds', 'of all'], [...rows, ['all', inSeconds(total), '']]),
		`${machine()}; nothing in npm's cache.`,
	].join('\n\n');
}

const inSeconds = (ms: number): string => (ms / 1000).toFixed(ms < 10_000 ? 1 : 0);

export async function run(commandLine: CommandLine): Promise<void> {
	const { write } = readOptions(commandLine, {
		write: { help: 'write the table to docs/benchmarks.md' },
	});
	await measure(temporaryFolder('stopwatch'));
	const text = report();
	console.log(`\n${text}`);
	if (write) writePart('stopwatch', text);
}
