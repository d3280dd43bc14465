import { readArguments } from '../../../playground/arguments.ts';
import { Failure } from '../../../playground/failure.ts';

/** What was typed after `npm run live --`: the program, and its options. */
export interface CommandLine {
	program: string;
	args: string[];
}

export interface Option {
	/** Placeholder of its value in the usage, such as `<number>`; a flag has none. */
	value?: string;
	help: string;
}

type Values<Options extends Record<string, Option>> = {
	[Name in keyof Options]: Options[Name] extends { value: string } ? string | undefined : boolean;
};

/**
 * Reads a program's options.
 *
 * @throws Failure with the usage for `--help` and for an unknown option
 */
export function readOptions<const Options extends Record<string, Option>>(
	{ program, args }: CommandLine,
	options: Options,
): Values<Options> {
	const entries = Object.entries(options);
	const known = Object.fromEntries(
		entries.map(([name, { value }]) => [
			name,
			{ type: value === undefined ? ('boolean' as const) : ('string' as const) },
		]),
	);
	const values = readArguments(args, known, usageOf(program, entries));
	return Object.fromEntries(
		entries.map(([name, { value }]) => [
			name,
			value === undefined ? values[name] === true : values[name],
		]),
	) as Values<Options>;
}

function usageOf(program: string, options: Array<[string, Option]>): string {
	const inBrackets = options.map(([name, { value = '' }]) => `[${`--${name} ${value}`.trim()}]`);
	const width = Math.max(0, ...options.map(([name]) => name.length));
	const lines = options.map(
		([name, { help }]) =>
			`  --${name.padEnd(width)}  ${help.replaceAll('\n', `\n${' '.repeat(width + 6)}`)}`,
	);
	return [`npm run live -- ${[program, ...inBrackets].join(' ')}`, '', ...lines]
		.join('\n')
		.trimEnd();
}

/** @throws Failure when the text is not a number above `min` */
export function numberOf(option: string, text: string | undefined, fallback: number, min = 0) {
	const number = Number(text ?? fallback);
	if (number >= min) return number;
	throw new Failure(`--${option} takes a number from ${min} on, not "${text}".`);
}

/** Names separated by commas; undefined when the option was not given. @throws Failure for an unknown name */
export function namesOf<Name extends string>(
	text: string | undefined,
	known: readonly Name[],
): Name[] | undefined {
	const wanted = text?.split(',') as Name[] | undefined;
	const unknown = wanted?.find((name) => !known.includes(name));
	if (unknown === undefined) return wanted;
	throw new Failure(`--only does not know "${unknown}". It takes: ${known.join(', ')}.`);
}
