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
		description: 'Export raw events and get them as rows or files',
		defaultOperation: createAndWait.value,
		operations: [createAndWait, create],
	},
	{
		value: 'job',
		name: 'Job',
		description: 'Check on an export that was started, and get its rows or files',
		defaultOperation: getAll.value,
		operations: [download, get, getAll, wait],
	},
	{
		value: 'lookup',
		name: 'Lookup',
		description: 'List segments, flows, surveys and more, to see what IDs in events mean',
		defaultOperation: segments.value,
		operations: lookupOperations,
	},
];

/** The fields of a resource. Operations that share a field share its entry. */
function showFor(resource: Resource): INodeProperties[] {
	const shared = new Map<INodeProperties, Operation[]>();
	for (const operation of resource.operations) {
		for (const property of operation.properties) {
			shared.set(property, [...(shared.get(property) ?? []), operation]);
		}
	}
	// A notice stands above fields that other operations share.
	const isBelow = ([{ type }]: [INodeProperties, unknown]) => Number(type !== 'notice');
	const inOrder = [...shared].sort((one, other) => isBelow(one) - isBelow(other));
	return inOrder.flatMap(([property, operations]) =>
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
 * Where all of a collection is one expression, n8n finds none of its fields in that text and passes on
 * an empty collection. A hidden field of the same name, after it, keeps the expression.
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

export const properties: INodeProperties[] = [
	{
		displayName: 'Resource',
		name: 'resource',
		type: 'options',
		noDataExpression: true,
		options: resources.map(({ name, value, description }) => ({ name, value, description })),
		default: 'export',
	},
	...resources.flatMap((resource) => [operationField(resource), ...showFor(resource)]),
];
