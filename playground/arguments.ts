import { parseArgs, type ParseArgsConfig } from 'node:util';

import { Failure } from './failure.ts';

type Known = NonNullable<ParseArgsConfig['options']>;

/**
 * Reads the options of a program's command line.
 *
 * @throws Failure with `usage` for `--help` and for an unknown option
 */
export function readArguments<const T extends Known>(args: string[], options: T, usage: string) {
	if (args.some((arg) => arg === '--help' || arg === '-h')) throw new Failure(usage);
	try {
		return parseArgs({ args, options }).values;
	} catch {
		throw new Failure(`Unknown options: ${args.join(' ')}\n\n${usage}`);
	}
}
