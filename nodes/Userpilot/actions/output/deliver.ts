import type { IDataObject } from 'n8n-workflow';

import type { Job } from '../../api/schemas';
import { filesOf, withMatchingFiles } from '../../download/jobFiles';
import { fileRecords } from '../../jobs/job';
import type { ItemConnection, OutputItem } from '../operation';
import { downloadFiles } from './files';
import type { OutputRequest } from './readOutput';
import { downloadRows } from './rows';
import { summarizeRows } from './summary';

/**
 * What a person asked for of a completed job, as items.
 *
 * @param job as the API has just returned it, so that its links are fresh
 * @param extra fields that every item gets, except rows and summaries: they are only what the files hold
 */
export async function deliver(
	connection: ItemConnection,
	job: Job,
	request: OutputRequest,
	extra: IDataObject = {},
): Promise<OutputItem[]> {
	if (request.output === 'job') return [{ json: { ...job, ...extra } }];
	const matching = withMatchingFiles(connection, job, request.fileFilter);
	if (request.output === 'links') {
		return fileRecords(matching).map((record) => ({ json: { ...record, ...extra } }));
	}
	const files = filesOf(connection, matching);
	if (files.length === 0) {
		connection.addHint(`Job ${job.job_id} has no files, so there is no output.`, 'warning');
		return [];
	}
	if (request.output === 'files') return await downloadFiles(connection, files, request, extra);
	return request.output === 'rows'
		? await downloadRows(connection, files, { ...request, extra: { job_id: job.job_id, ...extra } })
		: await summarizeRows(connection, files, request);
}
