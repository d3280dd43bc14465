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
		defaultOperation: create.value,
		operations: [create, createAndWait],
	},
	{
		value: 'job',
		name: 'Job',
		defaultOperation: getAll.value,
		operations: [download, get, getAll, wait],
	},
	{
		value: 'lookup',
		name: 'Lookup',
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
	return [...shared].map(([property, operations]) => ({
		...property,
		displayOptions: {
			...property.displayOptions,
			show: {
				resource: [resource.value],
				operation: operations.map(({ value }) => value),
				...property.displayOptions?.show,
			},
		},
	}));
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
		options: resources.map(({ name, value }) => ({ name, value })),
		default: 'export',
	},
	...resources.flatMap((resource) => [operationField(resource), ...showFor(resource)]),
];
