import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { Failure } from '../../../playground/failure.ts';
import { installN8n } from '../../../playground/install.ts';
import { stopAllProcesses } from '../../../playground/processes.ts';
import { elapsed } from '../../../playground/progress.ts';
import { atTheEnd } from './ending.ts';
import { Findings } from './findings.ts';
import { type Options, readOptions } from './options.ts';

/** What each scenario gets, beside what runs. */
export interface Wishes {
	findings: Findings;
	full: boolean;
	seed: number;
}

export interface Program<Running, Name extends string> {
	/** `npm run …` */
	script: string;
	scenarios: Record<Name, (context: Running & Wishes) => Promise<void>>;
	/** Those that run with `--full` only, or where `--only` names them. */
	long?: Array<NoInfer<Name>>;
	/** Starts what all scenarios share. */
	start(folder: string): Promise<Running>;
	/** After a scenario that threw: whatever it has left, the next one finds all running. */
	restart(running: Running): Promise<void>;
	stop(running: Running): Promise<void>;
}

/** Runs scenarios one after the other, stops what they started, and prints what they found as its last line. */
export async function runProgram<Running extends object, Name extends string>(
	program: Program<Running, Name>,
): Promise<void> {
	const startedAt = Date.now();
	const findings = new Findings();
	const folder = mkdtempSync(path.join(tmpdir(), `userpilot-${program.script.replace(':', '-')}-`));
	let keep = false;
	atTheEnd(() => {
		if (!keep) rmSync(folder, { recursive: true, force: true });
	});
	try {
		const names = Object.keys(program.scenarios) as Name[];
		const options = readOptions(process.argv.slice(2), names, program.script, program.long);
		({ keep } = options);
		await installN8n();
		console.log(`Seed ${options.seed}${keep ? `, folder ${folder}` : ''}`);
		await runScenarios(program, options, findings, folder);
	} catch (error) {
		findings.failed++;
		console.error(error instanceof Failure ? `\n${error.message}` : error);
	}
	await stopAllProcesses();
	console.log(`\nAfter ${elapsed(Date.now() - startedAt)}`);
	console.log(`${findings.passed} passed, ${findings.failed} failed`);
	process.exit(findings.failed === 0 ? 0 : 1);
}

async function runScenarios<Running extends object, Name extends string>(
	program: Program<Running, Name>,
	{ scenarios, full, seed }: Options<Name>,
	findings: Findings,
	folder: string,
): Promise<void> {
	const running = await program.start(folder);
	for (const name of scenarios) {
		console.log(`\n${name}`);
		try {
			await program.scenarios[name]({ ...running, findings, full, seed });
		} catch (error) {
			findings.check(`${name} ran to its end`, false, (error as Error).message);
			if (!(error instanceof Failure)) console.error(error);
			await program.restart(running);
		}
	}
	await program.stop(running);
}
