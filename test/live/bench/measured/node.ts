// The built node in n8n's own engine. The bundler leads imports of nodes and credentials to `dist`.
import { BinaryDataService } from 'n8n-core';
import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { createRequire } from 'node:module';

import { Userpilot } from '../../../../nodes/Userpilot/Userpilot.node';
import { runNode } from '../../../support/engine';
import type { Source } from './task';

/** Calls back when the node has returned its items, before the engine handles them. */
export function onItemsReturned(callback: () => void): void {
	const { execute } = Userpilot.prototype;
	Userpilot.prototype.execute = async function (...given) {
		const items = await execute.apply(this, given);
		callback();
		return items;
	};
}

/** One job as an item; none where its response is refused as too large. */
export async function response({ origin, jobId }: Source) {
	const { items, error } = await runNode(
		{ resource: 'job', operation: 'get', jobId: { __rl: true, mode: 'id', value: jobId } },
		{ credentials: { baseUrl: origin } },
	);
	if (error && !error.message.includes('more than 64 MB')) throw error;
	return items;
}

async function download({ origin, jobId }: Source, parameters: INodeParameters) {
	const { items, error } = await runNode(
		{
			resource: 'job',
			operation: 'download',
			jobId: { __rl: true, mode: 'id', value: jobId },
			...parameters,
		},
		{ credentials: { baseUrl: origin } },
	);
	if (error) throw error;
	return items;
}

export const rows = async (source: Source) => await download(source, { output: 'rows' });

/** Its groups are few beside its rows. */
export const summary = async (source: Source) => {
	const parameters = { output: 'summary', groupBy: ['event_label', 'company_id'] };
	const values = [{ aggregation: 'count' }, { aggregation: 'countUnique', field: 'user_id' }];
	const groups = await download(source, { ...parameters, summarize: { values } });
	return groups.reduce((sum, { json }) => sum + Number((json as IDataObject).count), 0);
};

export const firstRows = async (source: Source, limit: number) =>
	await download(source, { output: 'rows', returnAll: false, limit });

/** n8n-core's own registry of services: there can be other copies of its package. */
function containerOfCore(): { get(service: typeof BinaryDataService): BinaryDataService } {
	const core = createRequire(process.argv[1]!).resolve('n8n-core');
	return (createRequire(core)('@n8n/di') as { Container: ReturnType<typeof containerOfCore> })
		.Container;
}

/** Bytes of the decompressed files, which n8n keeps in its folder then. */
export async function binary(source: Source): Promise<number> {
	await containerOfCore().get(BinaryDataService).init();
	const items = await download(source, { output: 'files' });
	return items.reduce((sum, { json }) => sum + Number((json as IDataObject).bytes), 0);
}
