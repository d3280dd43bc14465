import path from 'node:path';

import { Failure } from '../../../playground/failure.ts';
import { installN8n } from '../../../playground/install.ts';
import { elapsed } from '../../../playground/progress.ts';
import { temporaryFolder } from './ending.ts';
import { Findings } from './findings.ts';
import { type CommandLine, namesOf, numberOf, readOptions } from './options.ts';

/** What each scenario gets beside the n8n it runs in. */
export interface Run {
	findings: Findings;
	/** The sizes that docs/reliability.md names, instead of those for CI. */
	full: boolean;
	/** Draws the moments of kills, the ends of jobs and the faults. */
	seed: number;
}

type Scenario<Host> = (context: Host & Run) => Promise<void>;

export interface Suite<Host> {
	/**
	 * Scenarios in lanes. Lanes run side by side, each with an n8n of its own, as scenarios mostly wait;
	 * the scenarios of a lane run one after the other.
	 */
	lanes: Array<Record<string, Scenario<Host>>>;
	/** Scenarios that run only with `--full`, or where `--only` names them. */
	long?: string[];
	/** Starts what the scenarios of a lane share. */
	start(folder: string): Promise<Host>;
	/** After a scenario that threw: the next one must find all running again. */
	restart(host: Host): Promise<void>;
	stop(host: Host): Promise<void>;
}

/** Runs a program that consists of scenarios. */
export async function runScenarios<Host extends object>(
	commandLine: CommandLine,
	suite: Suite<Host>,
): Promise<Findings> {
	const { long = [] } = suite;
	const known = suite.lanes.flatMap((lane) => Object.keys(lane));
	const options = readOptions(commandLine, {
		full: { help: 'the sizes that docs/reliability.md names (e2e), instead of those for CI' },
		only: {
			value: '<scenarios>',
			help: `some scenarios: ${known.join(', ')}${long.length > 0 ? `\n(with --full or by name only: ${long.join(', ')})` : ''}`,
		},
		seed: { value: '<number>', help: 'draw the same moments again' },
		keep: { help: "keep the folder with n8n's database and logs" },
	});
	const { full } = options;
	const seed = numberOf('seed', options.seed, Date.now() % 1_000_000);
	const only = namesOf(options.only, known);
	const folder = temporaryFolder(commandLine.program, options.keep);
	await installN8n();
	console.log(`Seed ${seed}${options.keep ? `, folder ${folder}` : ''}`);
	const findings = new Findings();
	const isWanted = (name: string) => only?.includes(name) ?? (full || !long.includes(name));
	const lanes = suite.lanes
		.map((lane) => Object.entries(lane).filter(([name]) => isWanted(name)))
		.filter((lane) => lane.length > 0);
	await Promise.all(
		lanes.map(async (lane, index) => {
			const host = await suite.start(path.join(folder, `lane-${index + 1}`));
			for (const [name, scenario] of lane) {
				const run = async (own: Findings) => await scenario({ ...host, findings: own, full, seed });
				const isIntact = await runScenario(name, run, findings, lanes.length > 1);
				if (!isIntact) await suite.restart(host);
			}
			await suite.stop(host);
		}),
	);
	return findings;
}

/**
 * Gives false when the scenario threw.
 *
 * @param isHeld prints what it found at its end, as others print meanwhile
 */
async function runScenario(
	name: string,
	run: (findings: Findings) => Promise<void>,
	all: Findings,
	isHeld: boolean,
): Promise<boolean> {
	const startedAt = Date.now();
	const held: string[] = [];
	const findings = new Findings(isHeld ? (line) => held.push(line) : console.log);
	let isIntact = true;
	if (!isHeld) console.log(`\n${name}`);
	try {
		await run(findings);
	} catch (error) {
		isIntact = false;
		findings.check(`${name} ran to its end`, false, (error as Error).message);
		if (!(error instanceof Failure)) console.error(error);
	}
	const time = elapsed(Date.now() - startedAt);
	if (isHeld) console.log([`\n${name} (${time})`, ...held, ''].join('\n'));
	else console.log(`    ${time}`);
	all.passed += findings.passed;
	all.failed += findings.failed;
	return isIntact;
}
