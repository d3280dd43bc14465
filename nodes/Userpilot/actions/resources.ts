import type { INodeProperties } from 'n8n-workflow';

import { create } from './export/create.operation';
import { createAndWait } from './export/createAndWait.operation';
import { download } from './job/download.operation';
import { get } from './job/get.operation';
import { getAll } from './job/getAll.operation';
import { wait } from './job/wait.operation';
import { lookupOperations } from './lookup/lookup.operation';
import { segments } from './lookup/lookups';
import type { Operation, Resource } from './operation';

/** Everything the node can do: its fields and its dispatch both come from this list. */
export const resources: readonly Resource[] = [
	{
		value: 'export',
		name: 'Export',
		description: 'Start an export of raw events, and get its rows or files',
		notice:
			'Userpilot runs one export at a time for each API key. While another one runs, this fails or waits, as Options > When Another Export Is Running says.',
		defaultOperation: create.value,
		operations: [create, createAndWait],
	},
	{
		value: 'job',
		name: 'Job',
		description: 'Follow an export that was started, and get its rows or files',
		notice:
			'Userpilot lists only exports that were started with the same API key, for 3 days. The links to their files work for 2 days.',
		defaultOperation: getAll.value,
		operations: [download, get, getAll, wait],
	},
	{
		value: 'lookup',
		name: 'Lookup',
		description: 'List segments, flows, surveys and more, to tell what IDs in events mean',
		defaultOperation: segments.value,
		operations: lookupOperations,
	},
];

/** Operations that share a field share its description in the editor, too. */
function showFor(resource: Resource): INodeProperties[] {
	const shared = new Map<INodeProperties, Operation[]>();
	for (const operation of resource.operations) {
		for (const property of operation.properties) {
			shared.set(property, [...(shared.get(property) ?? []), operation]);
		}
	}
	return [...shared].flatMap(([property, operations]) =>
		withExpression({
			...property,
			displayOptions: {
				...property.displayOptions,
				show: {
					resource: [resource.value],
					operation: operations.map(({ value }) => value),
					...property.displayOptions?.show,
				},
			},
		}),
	);
}

/**
 * n8n looks for a collection's fields also where all of it is one expression, finds none in that text,
 * and hands over an empty collection. A hidden field of the same name, behind it, keeps what is there.
 */
function withExpression(field: INodeProperties): INodeProperties[] {
	const { displayName, name, type, displayOptions } = field;
	if (type !== 'collection') return [field];
	return [field, { displayName, name, type: 'hidden', default: {}, displayOptions }];
}

function operationField({ value, defaultOperation, operations }: Resource): INodeProperties {
	return {
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: { resource: [value] } },
		options: operations.map(({ value: operation, name, action, description }) => ({
			name,
			value: operation,
			action,
			description,
		})),
		default: defaultOperation,
	};
}

function noticeField({ value, notice }: Resource): INodeProperties[] {
	if (notice === undefined) return [];
	return [
		{
			displayName: notice,
			name: `${value}Notice`,
			type: 'notice',
			default: '',
			displayOptions: { show: { resource: [value] }, hide: { '@tool': [true] } },
		},
	];
}

export const properties: INodeProperties[] = [
	{
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		options: resources.map(({ name, value, description }) => ({ name, value, description })),
		default: 'export',
	},
	...resources.flatMap((resource) => [
		operationField(resource),
		...noticeField(resource),
		...showFor(resource),
	]),
];
