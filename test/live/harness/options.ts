import { readArguments } from '../../../playground/arguments.ts';
import { Failure } from '../../../playground/failure.ts';

export interface Options<Scenario extends string> {
	scenarios: Scenario[];
	/** The sizes that docs/reliability.md names, instead of those for CI. */
	full: boolean;
	/** Draws the moments of the kills, the ends of the jobs and the faults. */
	seed: number;
	/** Keeps n8n's folders and logs. */
	keep: boolean;
}

/**
 * @param long scenarios that run with `--full`, or where `--only` names them
 * @throws Failure for an option that there is not
 */
export function readOptions<Scenario extends string>(
	args: string[],
	known: readonly Scenario[],
	script: string,
	long: readonly Scenario[] = [],
): Options<Scenario> {
	const usage = `npm run ${script} -- [--full] [--only <scenarios>] [--seed <number>] [--keep]

  --full   the sizes that docs/reliability.md names (test:e2e) instead of those for CI
  --only   some scenarios: ${known.join(', ')}${long.length > 0 ? `\n           (run with --full or by name only: ${long.join(', ')})` : ''}
  --seed   draws the same moments again
  --keep   keep the folder with n8n's database and logs`;
	const options = {
		full: { type: 'boolean' },
		only: { type: 'string' },
		seed: { type: 'string' },
		keep: { type: 'boolean' },
	} as const;
	const values = readArguments(args, options, usage);
	const seed = Number(values.seed ?? Date.now() % 1_000_000);
	if (!Number.isInteger(seed)) throw new Failure(`--seed takes a number, not "${values.seed}".`);
	const wanted = values.only?.split(',');
	const unknown = wanted?.find((name) => !known.includes(name as Scenario));
	if (unknown !== undefined) throw new Failure(`There is no scenario "${unknown}".\n\n${usage}`);
	const full = values.full === true;
	return {
		scenarios: known.filter((name) => wanted?.includes(name) ?? (full || !long.includes(name))),
		full,
		seed,
		keep: values.keep === true,
	};
}
