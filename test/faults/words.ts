import { lookups } from '../../nodes/Userpilot/actions/lookup/lookups';
import { BASE_URL } from '../support/credentials';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** What a call that reads was for, as the errors say it. */
const PURPOSES = [
	'list the jobs before starting the export',
	'list the export jobs',
	'get job "…"',
	...lookups.map(({ noun }) => `get the ${noun}`),
];

/** What Get Events adds to an error, once the export has been started. */
export const EXPORT_ADVICE =
	' The export is job …. Use this ID in Job > Wait or Job > Download, which start no second export.';

/**
 * The words of an error as the table shows them: `…` stands for what a call was for, for IDs and for
 * addresses, so that operations that say the same can share a row.
 */
export function asShown(text: string, apiUrl: string, filesUrl: string): string {
	const shown = text
		.replace(UUID, '…')
		.replaceAll(apiUrl, BASE_URL)
		.replaceAll(filesUrl, 'https://files.example.com')
		.replaceAll(new URL(filesUrl).host, 'files.example.com')
		.replace(/https?:\/\/127\.0\.0\.1:\d+|https:\/\/userpilot\.invalid/g, BASE_URL)
		.replace(/127\.0\.0\.1:\d+|userpilot\.invalid/g, 'files.example.com')
		// A machine without a name server says it in this way.
		.replace('EAI_AGAIN', 'ENOTFOUND')
		.replace(EXPORT_ADVICE, '');
	return PURPOSES.reduce((words, purpose) => words.replaceAll(purpose, '…'), shown);
}
