import { readArguments } from '../../../playground/arguments.ts';
import { Failure } from '../../../playground/failure.ts';

const USAGE = `npm run bench -- [--n8n] [--only <parts>] [--before <commit>] [--rounds <number>] [--write]

  --n8n      measure in a real n8n too, against n8n's own nodes
  --only     some parts: files, ndjson, csv, binary, limit, event-loop, prefetch, response, n8n
  --before   a commit whose reading of files is measured beside that of this one (part: files)
  --rounds   how often each measurement is made, the best counts (5)
  --write    write the table to docs/benchmarks.md; takes --n8n and no --only, or --only files`;

const DEFAULT_ROUNDS = 5;

export interface Options<Part extends string> {
	parts: Part[];
	rounds: number;
	write: boolean;
	before?: string;
}

/** @throws Failure for an option that there is not */
export function readOptions<Part extends string>(
	args: string[],
	known: readonly Part[],
): Options<Part> {
	const options = {
		n8n: { type: 'boolean' },
		only: { type: 'string' },
		before: { type: 'string' },
		rounds: { type: 'string' },
		write: { type: 'boolean' },
	} as const;
	const values = readArguments(args, options, USAGE);
	const rounds = Number(values.rounds ?? DEFAULT_ROUNDS);
	if (!(Number.isInteger(rounds) && rounds > 0)) {
		throw new Failure(`--rounds takes a number from 1 on, not "${values.rounds}".`);
	}
	const wanted = values.only?.split(',');
	const unknown = wanted?.find((name) => !known.includes(name as Part));
	if (unknown !== undefined) throw new Failure(`There is no part "${unknown}".\n\n${USAGE}`);
	const parts = known.filter(
		(name) => wanted?.includes(name) ?? (name !== 'n8n' || values.n8n === true),
	);
	const write = values.write === true;
	if (write && parts.length < known.length && parts.join() !== 'files') {
		throw new Failure(`The written table has all parts: --write needs --n8n, and no --only.`);
	}
	return { parts, rounds, write, before: values.before };
}
