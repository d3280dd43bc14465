import { parseArgs, type ParseArgsConfig } from 'node:util';

import { Failure } from './failure.ts';

type Known = NonNullable<ParseArgsConfig['options']>;

/**
 * The options of a program's command line.
 *
 * @throws Failure with `usage` when `--help` is among them, or one that is not known
 */
export function readArguments<const T extends Known>(args: string[], options: T, usage: string) {
	if (args.some((arg) => arg === '--help' || arg === '-h')) throw new Failure(usage);
	try {
		return parseArgs({ args, options }).values;
	} catch {
		throw new Failure(`These options are not known: ${args.join(' ')}\n\n${usage}`);
	}
}
