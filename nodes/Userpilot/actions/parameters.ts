import type { IExecuteFunctions, INode, INodeProperties } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { z } from 'zod/v3';

import { withoutCanceled } from '../api/errors';
import { splitList, trimmed } from './lists';

/** Stands for a field that the user has not added. */
const NOT_ADDED = 'n8n-nodes-userpilot: not added';

/** Reads and checks fields, named in an error as the editor shows them. */
export interface ParameterReader {
	/**
	 * @param name the parameter's path, such as `options.emails`
	 * @param label the field as the editor shows it
	 * @param fallback the value of a field that the user has not added; blank unless told
	 * @throws {NodeOperationError} that names the field and says what it takes
	 */
	read<Schema extends z.ZodTypeAny>(
		name: string,
		label: string,
		schema: Schema,
		fallback?: unknown,
	): z.output<Schema>;
	/** The same for a field that has no value unless the user has added it. */
	readIfAdded<Schema extends z.ZodTypeAny>(
		name: string,
		label: string,
		schema: Schema,
	): z.output<Schema> | undefined;
}

/**
 * Checks the value of one field.
 *
 * @param label the field as the editor shows it
 * @throws {NodeOperationError} that names the field and says what it takes
 */
export function checkParameter<Schema extends z.ZodTypeAny>(
	node: INode,
	label: string,
	value: unknown,
	schema: Schema,
	itemIndex?: number,
): z.output<Schema> {
	const result = schema.safeParse(value);
	if (result.success) return result.data as z.output<Schema>;
	const problem = result.error.issues[0]?.message ?? 'is wrong';
	throw new NodeOperationError(node, withoutCanceled(`"${label}" ${problem}`), {
		itemIndex,
		description: `Correct the field "${label}" of this node. Nothing was sent to Userpilot${itemIndex === undefined ? '' : ' for this item'}.`,
	});
}

/** Whether all of a collection is one expression, or a text in its place. */
const isExpression = (context: IExecuteFunctions, itemIndex: number, collection: string) =>
	typeof context.getNodeParameter(collection, itemIndex, {}, { rawExpressions: true }) === 'string';

/** What a resource locator holds, as n8n takes it out of one itself. */
const withoutLocator = (value: unknown): unknown =>
	typeof value === 'object' && value !== null && 'mode' in value && 'value' in value
		? value.value
		: value;

/** The fields of a collection, which has no others: one that is misspelt would be left out silently. */
const collectionSchema = (known: string[]) =>
	z
		.record(z.unknown(), {
			errorMap: (_, { data }) => ({
				message:
					data === undefined || data === null || data === ''
						? NO_VALUE
						: `takes an object with fields such as "${known[0]}", not ${shown(data)}`,
			}),
		})
		.superRefine((fields, issues) => {
			const unknown = Object.keys(fields).find((field) => !known.includes(field));
			if (unknown === undefined) return;
			const message = `has no field ${shown(unknown)}. Its fields: ${known.join(', ')}`;
			issues.addIssue({ code: 'custom', message });
		});

/**
 * Checks the collections of an operation that are one expression.
 *
 * @throws {NodeOperationError} that names the collection
 */
export function checkCollections(
	context: IExecuteFunctions,
	itemIndex: number,
	properties: INodeProperties[],
): void {
	for (const { type, name, displayName, options = [] } of properties) {
		if (!/collection/i.test(type) || !isExpression(context, itemIndex, name)) continue;
		const schema = collectionSchema(options.map((option) => option.name));
		const value = context.getNodeParameter(name, itemIndex);
		checkParameter(context.getNode(), displayName, value, schema, itemIndex);
	}
}

export function parameterReader(context: IExecuteFunctions, itemIndex: number): ParameterReader {
	const valueOf = (name: string, fallback: unknown): unknown => {
		const [collection = '', field] = name.split('.');
		if (field === undefined || !isExpression(context, itemIndex, collection)) {
			return context.getNodeParameter(name, itemIndex, fallback, { extractValue: true });
		}
		// Of a collection that is one expression n8n finds no field.
		const fields = context.getNodeParameter(collection, itemIndex) as Record<string, unknown>;
		return Object.hasOwn(fields, field) ? withoutLocator(fields[field]) : fallback;
	};
	return {
		read: (name, label, schema, fallback = '') =>
			checkParameter(context.getNode(), label, valueOf(name, fallback), schema, itemIndex),
		readIfAdded(name, label, schema) {
			const value = valueOf(name, NOT_ADDED);
			if (value === NOT_ADDED) return undefined;
			return checkParameter(context.getNode(), label, value, schema, itemIndex);
		},
	};
}

const NO_VALUE =
	'is set to an expression that returned no value. Fix the expression, or remove the field';

const listError: z.ZodErrorMap = (_, { data }) => ({
	message:
		data === undefined || data === null
			? NO_VALUE
			: 'takes text separated by commas or line ends, or an expression that gives an array of texts',
});

/** Text separated by commas or line ends, or an array of texts and numbers; blank entries are dropped. */
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

const blankFilter = (remedy: string) =>
	`is empty: ${remedy}, or remove this filter, and it holds nothing back`;

/** The values of a filter. Left out silently, one that came out empty would export everything. */
export const filterListSchema = listSchema.refine(
	(entries) => entries.length > 0,
	blankFilter('give at least one'),
);

export const emailListSchema = listSchema.superRefine((emails, issues) => {
	const wrong = emails.find((email) => !/^[^\s@]+@[^\s@]+$/.test(email));
	if (wrong !== undefined) {
		issues.addIssue({
			code: 'custom',
			message: `holds ${shown(wrong)}, which is not an e-mail address`,
		});
	}
});

export const booleanSchema = z.boolean({
	errorMap: () => ({ message: 'takes true or false' }),
});

/** Numbers, also as text from an expression; but no blank and no true or false, which would count as 0 and 1. */
const number = (message: string) =>
	z.preprocess(
		(value) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value),
		z.number({ errorMap: () => ({ message }) }),
	);

const COUNT_HELP = 'takes a whole number from 1';

/** A positive whole number. */
export const countSchema = number(COUNT_HELP).pipe(z.number().int(COUNT_HELP).min(1, COUNT_HELP));

/** A size in MB; 0 stands for any. */
export const megabytesSchema = number('takes a number of MB').pipe(
	z.number().min(0, 'takes a number of MB from 0, which stands for no limit'),
);

/** The name of a field of an item. */
export const fieldNameSchema = z
	.string({ errorMap: () => ({ message: 'takes the name of a field' }) })
	.trim()
	.min(1, 'is empty: give the name of a field, such as data')
	.refine((name) => name !== '__proto__', 'is "__proto__", which cannot name a field');

export const minutesSchema = number('takes a number of minutes').pipe(
	z
		.number()
		.min(0, 'takes a number of minutes from 0')
		.max(7 * 24 * 60, 'takes at most 10080 minutes (a week); a job can be asked about for 3 days'),
);

const LONGEST_SHOWN = 100;

/** A value as an error shows it, whatever it is. */
export function shown(value: unknown): string {
	const text = typeof value === 'object' ? inJson(value) : String(value);
	const start = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
	return typeof value === 'string' ? `"${start}"` : start;
}

function inJson(value: object | null): string {
	try {
		return JSON.stringify(value);
	} catch {
		return 'an object';
	}
}

/** The value of one of the options. */
export function choiceSchema<const Value extends string>(options: ReadonlyArray<{ value: Value }>) {
	const values = options.map(({ value }) => value);
	const help = `one of: ${values.join(', ')}`;
	return z.custom<Value>(
		(value) => values.includes(value as Value),
		(value) => ({ message: value ? `is ${shown(value)}, but takes ${help}` : `takes ${help}` }),
	);
}

/** The id of a resource locator, which may be a number. */
const idSchema = z.preprocess(
	(value) => (typeof value === 'number' ? String(value) : value),
	z
		.string({
			errorMap: (_, { data }) => ({
				message: data === undefined || data === null ? NO_VALUE : 'takes the ID of one',
			}),
		})
		.transform(trimmed),
);

export const segmentIdSchema = idSchema.refine((id) => id !== '', blankFilter('pick one'));

/** An id that becomes one segment of a call's path, so that it cannot lead anywhere else. */
export const jobIdSchema = idSchema.pipe(
	z
		.string()
		.min(1, 'is empty: pick a job from the list, or give its ID')
		.regex(
			/^[A-Za-z0-9][A-Za-z0-9._-]*$/,
			'is not a job ID: it is a text such as 86f4dd75-00c8-40cd-ac6a-3dce8440be0c',
		),
);
