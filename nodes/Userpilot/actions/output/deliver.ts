import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { Connection } from '../../api/connection';
import type { Job } from '../../api/schemas';
import { fileRecords } from '../../jobs/job';
import { addHint } from '../hints';
import type { OutputItem } from '../operation';
import { downloadFiles } from './files';
import { filesOf, withFittingFiles } from '../../download/jobFiles';
import type { OutputRequest } from './readOutput';
import { downloadRows } from './rows';

/**
 * What a person wants of a completed job, as items.
 *
 * @param job as the API has just given it, so that its links are fresh
 * @param extra fields that every item gets, except rows: they are only what the files hold
 */
export async function deliver(
	connection: Connection,
	context: IExecuteFunctions,
	job: Job,
	request: OutputRequest,
	extra: IDataObject = {},
): Promise<OutputItem[]> {
	if (request.output === 'job') return [{ json: { ...job, ...extra } }];
	const fitting = withFittingFiles(connection, job, request.fileFilter);
	if (request.output === 'links') {
		return fileRecords(fitting).map((record) => ({ json: { ...record, ...extra } }));
	}
	const files = filesOf(connection, fitting);
	if (files.length === 0) {
		addHint(context, `Job ${job.job_id} has no files, so nothing comes of it.`, 'warning');
		return [];
	}
	return request.output === 'files'
		? await downloadFiles(connection, context, files, request, extra)
		: await downloadRows(connection, context, files, request);
}
