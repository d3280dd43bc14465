import type {
	IExecuteFunctions,
	INode,
	INodeProperties,
	INodePropertyOptions,
	IPollFunctions,
} from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import { z } from 'zod/v3';

import { withoutCanceled } from '../api/errors';
import { choiceSchema, isNothing, NO_VALUE, shown } from './fieldSchemas';

/**
 * Reads and checks fields by their path, such as `options.emails`. Labels and defaults are those of
 * the fields themselves.
 *
 * Every method throws a NodeOperationError that names the field and says what it takes.
 */
export interface ParameterReader {
	/** The value of a field, or its default where the user has not added it. */
	read<Schema extends z.ZodTypeAny>(path: string, schema: Schema): z.output<Schema>;
	/** The value of a field that the user has added; undefined without it. */
	readIfAdded<Schema extends z.ZodTypeAny>(
		path: string,
		schema: Schema,
	): z.output<Schema> | undefined;
	/** @param options give the type. The field itself may offer fewer of them. */
	readChoice<Value extends string>(path: string, options: ReadonlyArray<{ value: Value }>): Value;
	/** @param problem what is wrong, as the end of a sentence that begins with the field */
	refuse(path: string, problem: string): never;
}

/** Stands for a field that the user has not added. */
const NOT_ADDED = 'n8n-nodes-userpilot: not added';

/** @param path of a field in a collection, with one dot */
function fieldAt(fields: INodeProperties[], path: string): INodeProperties {
	const [name, inner] = path.split('.');
	const field = fields.find((candidate) => candidate.name === name)!;
	return inner === undefined ? field : fieldAt(field.options as INodeProperties[], inner);
}

function reader(
	node: INode,
	fields: INodeProperties[],
	valueOf: (path: string) => unknown,
	itemIndex?: number,
): ParameterReader {
	const refuse = (path: string, problem: string): never => {
		const { displayName } = fieldAt(fields, path);
		throw new NodeOperationError(node, withoutCanceled(`'${displayName}' ${problem}`), {
			itemIndex,
			// The items before it may have sent something.
			description: `Fix '${displayName}' in this node. Nothing was sent to Userpilot${itemIndex ? ' for this item' : ''}.`,
		});
	};
	const check = <Schema extends z.ZodTypeAny>(path: string, value: unknown, schema: Schema) => {
		const result = schema.safeParse(value);
		if (result.success) return result.data as z.output<Schema>;
		return refuse(path, result.error.issues[0]?.message ?? 'is not valid');
	};
	const read: ParameterReader['read'] = (path, schema) => {
		const value = valueOf(path);
		return check(path, value === NOT_ADDED ? fieldAt(fields, path).default : value, schema);
	};
	return {
		read,
		readIfAdded(path, schema) {
			const value = valueOf(path);
			return value === NOT_ADDED ? undefined : check(path, value, schema);
		},
		readChoice(path, options) {
			const offered = (fieldAt(fields, path).options as INodePropertyOptions[]).map(
				({ value }) => value,
			);
			return read(path, choiceSchema(options.filter(({ value }) => offered.includes(value))));
		},
		refuse,
	};
}

/** Whether all of a collection is one expression, or a text in its place. */
const isExpression = (context: IExecuteFunctions, itemIndex: number, collection: string) =>
	typeof context.getNodeParameter(collection, itemIndex, {}, { rawExpressions: true }) === 'string';

/** The fields of a collection, and no others: a misspelled one would be ignored. */
const collectionSchema = (known: string[]) =>
	z
		.record(z.unknown(), {
			errorMap: (_, { data }) => ({
				message:
					isNothing(data) || data === ''
						? NO_VALUE
						: `must be an object with fields such as "${known[0]}", not ${shown(data)}`,
			}),
		})
		.superRefine((fields, issues) => {
			const unknown = Object.keys(fields).find((field) => !known.includes(field));
			if (unknown === undefined) return;
			const message = `has no field ${shown(unknown)}. Its fields are: ${known.join(', ')}`;
			issues.addIssue({ code: 'custom', message });
		});

/** The value in a resource locator, which n8n takes out itself only where it finds the field. */
const withoutLocator = (value: unknown): unknown =>
	typeof value === 'object' && value !== null && 'mode' in value && 'value' in value
		? value.value
		: value;

/**
 * The reader of an operation's fields, for one input item.
 *
 * @throws {NodeOperationError} when a collection is one expression that gives something else than its fields
 */
export function parameterReader(
	context: IExecuteFunctions,
	itemIndex: number,
	fields: INodeProperties[],
): ParameterReader {
	const valueOf = (path: string): unknown => {
		const [collection = '', field] = path.split('.');
		if (field === undefined || !isExpression(context, itemIndex, collection)) {
			return context.getNodeParameter(path, itemIndex, NOT_ADDED, { extractValue: true });
		}
		// n8n finds no field in a collection that is one expression.
		const values = context.getNodeParameter(collection, itemIndex) as Record<string, unknown>;
		return Object.hasOwn(values, field) ? withoutLocator(values[field]) : NOT_ADDED;
	};
	const parameters = reader(context.getNode(), fields, valueOf, itemIndex);
	for (const { type, name, options = [] } of fields) {
		if (!/collection/i.test(type) || !isExpression(context, itemIndex, name)) continue;
		parameters.read(name, collectionSchema(options.map((option) => option.name)));
	}
	return parameters;
}

/** The reader of a trigger's fields. */
export const triggerParameters = (context: IPollFunctions, fields: INodeProperties[]) =>
	reader(context.getNode(), fields, (path) => context.getNodeParameter(path));
