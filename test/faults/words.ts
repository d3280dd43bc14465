import { lookups } from '../../nodes/Userpilot/actions/lookup/lookups';
import { BASE_URL } from '../support/credentials';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** The purposes of requests that read, as in the errors. */
const PURPOSES = [
	'list the jobs before starting the export',
	'list the export jobs',
	'get job "…"',
	...lookups.map(({ noun }) => `get the ${noun}`),
];

/** What Get Events adds to an error after the export has been started. */
export const EXPORT_ADVICE =
	' The export is job …. Use this ID in Job > Wait or Job > Download, which start no second export.';

/**
 * The texts of an error as the table shows them. `…` replaces the purpose of a request and IDs, so that
 * operations with the same error can share a row.
 */
export function asShown(text: string, apiUrl: string, filesUrl: string): string {
	const shown = text
		.replace(UUID, '…')
		.replaceAll(apiUrl, BASE_URL)
		.replaceAll(filesUrl, 'https://files.example.com')
		.replaceAll(new URL(filesUrl).host, 'files.example.com')
		.replace(/https?:\/\/127\.0\.0\.1:\d+|https:\/\/userpilot\.invalid/g, BASE_URL)
		.replace(/127\.0\.0\.1:\d+|userpilot\.invalid/g, 'files.example.com')
		// The code on a machine without a DNS server.
		.replace('EAI_AGAIN', 'ENOTFOUND')
		.replace(EXPORT_ADVICE, '');
	return PURPOSES.reduce((words, purpose) => words.replaceAll(purpose, '…'), shown);
}
