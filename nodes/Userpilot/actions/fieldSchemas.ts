import { z } from 'zod/v3';

import { parseExactly } from '../rows/exactJson';

const MAX_SHOWN_LENGTH = 100;

/** A value as an error shows it, whatever it is. */
export function shown(value: unknown): string {
	const text = typeof value === 'object' ? inJson(value) : String(value);
	const start = text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text;
	return typeof value === 'string' ? `"${start}"` : start;
}

function inJson(value: object | null): string {
	try {
		return JSON.stringify(value);
	} catch {
		return 'an object';
	}
}

export const isNothing = (value: unknown): value is undefined | null =>
	value === undefined || value === null;

export const NO_VALUE =
	'is set to an expression that returned no value. Fix the expression, or remove the field';

/** Characters for line breaks and text direction that pages add to copied text and nobody sees. */
const INVISIBLE = /[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;
/** Inside a text these may join characters to one, such as an emoji. */
const OUTER_JOINERS = /^[\u200c\u200d]+|[\u200c\u200d]+$/g;

/** Text without the white space around it, and without invisible characters. */
const trimmed = (text: string): string =>
	text.replace(INVISIBLE, '').trim().replace(OUTER_JOINERS, '').trim();

const SEPARATORS = /[,\n\v\f\r\u0085\u2028\u2029]/;

/** The entries of a text that lists them. Any other value is returned as it is. */
function splitList(value: unknown): unknown {
	if (typeof value === 'number') return [String(value)];
	if (typeof value !== 'string') return value;
	const text = trimmed(value);
	if (text.startsWith('[')) {
		try {
			return parseExactly(text);
		} catch {
			// Not a JSON array, so a list that happens to start with a bracket.
		}
	}
	return text.split(SEPARATORS);
}

const listError: z.ZodErrorMap = (_, { data }) => ({
	message: isNothing(data)
		? NO_VALUE
		: 'must be text separated by commas or line breaks, or an expression that returns an array of text',
});

/** Text separated by commas or line breaks, or an array of texts and numbers. Blank entries are dropped. */
export const listSchema = z.preprocess(
	splitList,
	z
		.array(
			z
				.union([z.string(), z.number()], { errorMap: listError })
				.transform((entry) => trimmed(String(entry))),
			{ errorMap: listError },
		)
		.transform((entries) => [...new Set(entries.filter((entry) => entry !== ''))]),
);

/**
 * A list that must not be empty. An empty filter that was ignored would export everything.
 *
 * @param advice what to do about an empty one
 */
export const filterListSchema = (
	advice = 'Enter at least one value, or remove the filter to export everything',
) => listSchema.refine((entries) => entries.length > 0, `is empty. ${advice}`);

export const emailListSchema = listSchema.superRefine((emails, issues) => {
	const wrong = emails.find((email) => !/^[^\s@]+@[^\s@]+$/.test(email));
	if (wrong !== undefined) {
		issues.addIssue({
			code: 'custom',
			message: `contains ${shown(wrong)}, which is not an email address`,
		});
	}
});

export const booleanSchema = z.boolean({ errorMap: () => ({ message: 'must be true or false' }) });

/** A number, also as text from an expression. Blank text and booleans are refused: they would count as 0 and 1. */
const number = (message: string) =>
	z.preprocess(
		(value) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value),
		z.number({ errorMap: () => ({ message }) }),
	);

const COUNT_HELP = 'must be a whole number, 1 or more';

export const countSchema = number(COUNT_HELP).pipe(z.number().int(COUNT_HELP).min(1, COUNT_HELP));

export const megabytesSchema = number('must be a number of MB').pipe(
	z.number().min(0, 'must be a number of MB, or 0 for no limit'),
);

const MAX_MINUTES = 7 * 24 * 60;

export const minutesSchema = number('must be a number of minutes').pipe(
	z
		.number()
		.min(0, 'must be a number of minutes, 0 or more')
		.max(
			MAX_MINUTES,
			`must be ${MAX_MINUTES} minutes (one week) or less. Userpilot keeps a job for 3 days`,
		),
);

/** The name of a field of an item. */
export const fieldNameSchema = z
	.string({ errorMap: () => ({ message: 'must be the name of a field' }) })
	.trim()
	.min(1, 'is empty. Enter the name of a field, such as data')
	.refine((name) => name !== '__proto__', 'is "__proto__", which cannot be the name of a field');

/** The value of one of the options. */
export function choiceSchema<const Value extends string>(options: ReadonlyArray<{ value: Value }>) {
	const values = options.map(({ value }) => value);
	const help = `must be one of: ${values.join(', ')}`;
	return z.custom<Value>(
		(value) => values.includes(value as Value),
		(value) => ({ message: value ? `is ${shown(value)}, but ${help}` : help }),
	);
}

/** The ID in a resource locator, which may be a number. */
const idSchema = z.preprocess(
	(value) => (typeof value === 'number' ? String(value) : value),
	z
		.string({
			errorMap: (_, { data }) => ({ message: isNothing(data) ? NO_VALUE : 'must be one ID' }),
		})
		.transform(trimmed),
);

export const segmentIdSchema = idSchema.refine(
	(id) => id !== '',
	'is empty. Select a segment, or remove the filter to export everything',
);

/** An ID that becomes one segment of a request's path. It must not lead to another path. */
export const jobIdSchema = idSchema.pipe(
	z
		.string()
		.min(1, 'is empty. Select a job from the list, or enter its ID')
		.regex(
			/^[A-Za-z0-9][A-Za-z0-9._-]*$/,
			'is not a job ID. Job IDs look like 86f4dd75-00c8-40cd-ac6a-3dce8440be0c',
		),
);
