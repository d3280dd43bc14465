import { runToTheEnd } from './harness/ending.ts';
import type { Findings } from './harness/findings.ts';
import type { CommandLine } from './harness/options.ts';

/** Each is a folder beside this file, whose main.ts exports `run`. */
const PROGRAMS: Record<string, string> = {
	bench: "Measures speed and memory against Node's own means, and with --n8n against n8n's nodes.",
	e2e: 'Breaks things in a real n8n: kills, restarts, failing requests, lost responses.',
	examples: 'Imports and runs each workflow of examples/ (needs PostgreSQL).',
	hosts: 'Tries the package in several versions of n8n, which it installs.',
	queue: 'Runs both nodes in queue mode: a main, workers, PostgreSQL and Redis (needs both).',
	scale: 'Measures what workers, rows, files, jobs and records cost in queue mode.',
	screenshots: 'Takes the pictures of README and docs/ in a real editor (needs Chromium).',
	soak: 'Keeps n8n busy with 20 workflows for 30 minutes: memory, handles, lost or doubled jobs.',
	stopwatch: 'Measures the seconds from a fresh clone to rows in the editor (needs Chromium).',
};

const width = Math.max(...Object.keys(PROGRAMS).map((name) => name.length));
const USAGE = [
	'npm run live -- <program> [options]',
	'',
	...Object.entries(PROGRAMS).map(([name, sentence]) => `  ${name.padEnd(width)}  ${sentence}`),
	'',
	'npm run live -- <program> --help lists the options of a program.',
].join('\n');

const [program = '--help', ...args] = process.argv.slice(2);
if (program === '--help' || program === '-h') {
	console.log(USAGE);
} else if (!Object.hasOwn(PROGRAMS, program)) {
	console.error(`There is no program "${program}".\n\n${USAGE}`);
	process.exitCode = 1;
} else {
	const { run } = (await import(`./${program}/main.ts`)) as {
		run(commandLine: CommandLine): Promise<Findings | void>;
	};
	await runToTheEnd(async () => await run({ program, args }));
}
