import { type Respond, WebReply } from '../web.ts';

interface Query {
	query: string;
	useLegacySql: boolean;
}

/** The queries it was asked to run, and in which project. It runs none. */
export const queries: Array<Query & { project: string }> = [];

/** The next queries that fail, by their error. */
export const failures: string[] = [];

/** How often a job is polled before it is done. */
const POLLS = 2;
let polls = 0;

/** BigQuery, as far as n8n's node calls it: a query job, and its results once it is done. */
export const bigQuery: Respond = ({ call, body }) => {
	const [, project = ''] = /\/v2\/projects\/([^/]+)\//.exec(call) ?? [];
	if (call.startsWith('POST ')) {
		const { configuration } = body as { configuration: { query: Query } };
		queries.push({ project, ...configuration.query });
		polls = 0;
		const jobReference = { projectId: project, jobId: `job_${queries.length}`, location: 'EU' };
		return { jobReference, status: { state: 'RUNNING' } };
	}
	if (++polls < POLLS) return { jobComplete: false };
	const message = failures.shift();
	if (message) return new WebReply(400, {}, { error: { code: 400, message } });
	return {
		jobComplete: true,
		schema: { fields: [{ name: 'new_events', type: 'INTEGER' }] },
		rows: [{ f: [{ v: '7' }] }],
	};
};
